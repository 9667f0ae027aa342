import { accessSync, constants, type Stats, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { formatBytes } from '../../../util/figures.ts';
import { type Examine, type Finding, failed, ok, warning } from '../finding.ts';

const mebibyte = 1024 * 1024;
const leastFree = 64 * mebibyte;
const littleFree = 512 * mebibyte;

/** Whether it can be written, whose it is, and how much room there is. */
export const examineDataDirectory: Examine = ({ dataDirectory, platform }) => {
  const path = resolve(dataDirectory);
  const existing = nearest(path);
  if (existing === undefined) return [failed(`${path} cannot be made`, 'name another with --data-dir')];
  const found = [...judgeRights(path, existing, platform), ...judgeRoom(existing.path)];
  if (found.some(({ level }) => level !== 'ok')) return found.filter(({ level }) => level !== 'ok');
  return [ok(`${path} ${existing.path === path ? 'can be written' : 'can be made'}, ${found.at(-1)?.found}`)];
};

interface Existing {
  readonly path: string;
  readonly stat: Stats;
}

/** It, or the folder that it would be made in. */
function nearest(path: string): Existing | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined) return { path, stat };
  const parent = dirname(path);
  return parent === path ? undefined : nearest(parent);
}

function judgeRights(path: string, existing: Existing, platform: NodeJS.Platform): readonly Finding[] {
  if (!existing.stat.isDirectory()) return [failed(`${existing.path} is no directory`, 'name another with --data-dir')];
  const found: Finding[] = [];
  const uid = process.getuid?.();
  try {
    accessSync(existing.path, constants.W_OK | constants.X_OK);
  } catch {
    const user = uid === undefined ? 'this user' : `the user ${uid}`;
    found.push(
      failed(
        `${existing.path} cannot be written by ${user}`,
        `chown it to the user that the node runs as, and run this as that user`,
      ),
    );
  }
  if (existing.path !== path) return found;
  if (uid !== undefined && existing.stat.uid !== uid) {
    found.push(
      warning(
        `${path} belongs to the user ${existing.stat.uid}, this is ${uid}`,
        'run this as the user that the node runs as',
      ),
    );
  }
  if (platform !== 'win32' && (existing.stat.mode & 0o007) !== 0) {
    found.push(warning(`${path} is open to other users: keys are in it`, `chmod 0700 ${path}`));
  }
  return found;
}

function judgeRoom(path: string): readonly Finding[] {
  const { bavail, blocks, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const text = `${formatBytes(free)} of ${formatBytes(blocks * bsize)} are free there`;
  const remedy = 'make room: keys, systems and bans are written there, and the log with --detach';
  if (free < leastFree) return [failed(text, remedy)];
  return [free < littleFree ? warning(text, remedy) : ok(text)];
}
