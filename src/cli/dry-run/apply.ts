import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { completeRow } from '../commands/index.ts';
import type { CliContext } from '../context.ts';
import { type Handling, handlings } from './handling.ts';

/**
 * Makes the command that is about to run one that changes nothing: it is refused (`CliError`), left as it is, or has its action exchanged for its planner. One that nobody
 * has said anything of is refused.
 */
export async function applyDryRun(context: CliContext, action: Command): Promise<void> {
  const name = nameOf(action);
  if (name === completeRow.name) return;
  const handling: Handling = Object.hasOwn(handlings, name) ? handlings[name as keyof typeof handlings] : 'refuses';
  if (handling === 'reads') return;
  const { line } = context.text;
  if (handling === 'refuses') throw new CliError(line.noDryRun(name), { hint: line.noDryRunHint });
  if ('isRead' in handling) {
    if (!handling.isRead(action)) throw new CliError(line.noDryRun(name), { hint: handling.hint });
    return;
  }
  const plan = (await handling.plans()) as (context: CliContext, ...args: unknown[]) => Promise<void>;
  action.action((...args: unknown[]) => plan(context, ...args));
}

/** Its words from the program's name on. */
function nameOf(command: Command): string {
  const names: string[] = [];
  for (let each = command; each.parent !== null; each = each.parent) names.unshift(each.name());
  return names.join(' ');
}
