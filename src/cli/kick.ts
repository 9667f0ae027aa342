import type { KickResult } from '../api/command.ts';
import { exitCodes } from '../api/errors.ts';
import { ClientError } from '../client/client-error.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import { missingFromAny, noteMissing } from './missing-nodes.ts';

/**
 * Kicks one after the other and prints the sum. More than one is asked for. Nobody found → exit 3; some, or nodes that did not answer → 7.
 */
export async function runKick(
  context: CliContext,
  names: readonly string[],
  kick: (name: string) => Promise<KickResult>,
): Promise<void> {
  if (names.length > 1) await confirm(context, context.text.line.kickMany(names.length));
  const results: KickResult[] = [];
  const unknown: string[] = [];
  for (const name of names) {
    const result = await kick(name).catch(nobodyOf);
    results.push(result);
    if (result.matched === 0 && result.missingNodes === undefined) unknown.push(name);
  }
  const matched = results.reduce((sum, result) => sum + result.matched, 0);
  const closed = results.reduce((sum, result) => sum + result.closed, 0);
  const missing = missingFromAny(results);
  const record = { matched, closed, unknown, ...missing };
  await (await context.printer()).record('yunque.kick/1', record, { fields: ['matched', 'closed', 'unknown'] });
  if (noteMissing(context, missing)) return;
  if (matched === 0) {
    context.exitCode = exitCodes.nobody;
    context.note(context.text.line.nobody);
  } else if (unknown.length > 0) {
    context.exitCode = exitCodes.partly;
    context.note(context.text.line.partly);
  }
}

/** A refusal that says that nobody is there is a result. */
function nobodyOf(error: unknown): KickResult {
  if (error instanceof ClientError && error.exit === exitCodes.nobody) return { matched: 0, closed: 0 };
  throw error;
}
