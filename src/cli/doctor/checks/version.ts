import { version } from '../../../util/version.ts';
import { type Examine, failed, ok, skipped, warning } from '../finding.ts';

/** Of the node that runs, of its cluster, and of this program. */
export const examineVersion: Examine = async ({ node }) => {
  const own = version();
  const seen = await node().catch((error: Error) => error);
  if (seen === undefined) return [skipped(`this is ${own}; no node runs here`)];
  if (seen instanceof Error)
    return [failed(`the node does not answer: ${seen.message}`, 'see its log, and yunque check')];
  const all = new Map([...seen.versions, [seen.id, seen.version]]);
  const others = [...all].filter(([, each]) => each !== seen.version).map(([id, each]) => `${id} ${each}`);
  if (others.length > 0) {
    return [
      warning(
        `${seen.id} runs ${seen.version}, and ${others.join(', ')}`,
        'end the rolling upgrade: restart those that are older',
      ),
    ];
  }
  if (seen.version !== own) {
    return [
      warning(
        `the node runs ${seen.version}, this is ${own}`,
        'restart it with this program, or use the one that it runs',
      ),
    ];
  }
  return [ok(`the node runs ${own}, as this program does`)];
};
