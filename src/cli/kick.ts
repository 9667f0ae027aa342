import type { KickResult } from '../api/command.ts';
import { exitCodes } from '../api/errors.ts';
import { ClientError } from '../client/client-error.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';

/**
 * Kicks one after the other and prints the sum. More than one is asked for. Nobody found → exit 3; some → 7.
 */
export async function runKick(
  context: CliContext,
  names: readonly string[],
  kick: (name: string) => Promise<KickResult>,
): Promise<void> {
  if (names.length > 1) await confirm(context, context.text.line.kickMany(names.length));
  let matched = 0;
  let closed = 0;
  const unknown: string[] = [];
  for (const name of names) {
    const result = await kick(name).catch(nobodyOf);
    matched += result.matched;
    closed += result.closed;
    if (result.matched === 0) unknown.push(name);
  }
  await (await context.printer()).record('yunque.kick/1', { matched, closed, unknown });
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
