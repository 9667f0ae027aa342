import { createInterface } from 'node:readline/promises';
import { exitCodes } from '../api/errors.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';

/**
 * Asks before something that is not easily undone. Resolves when it may be done; throws `CliError` where it was declined,
 * and where nobody can be asked (no terminal) unless `--yes` was given.
 */
export async function confirm(context: CliContext, question: string): Promise<void> {
  const { stdin, stderr, text, globals } = context;
  if (globals.yes === true) return;
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    throw new CliError(text.line.mustConfirm(question), { hint: text.line.mustConfirmHint });
  }
  stderr.write(text.line.confirm(question));
  const lines = createInterface({ input: stdin });
  try {
    const signal = context.interruptSignal();
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question('', { signal }).catch(() => ''), ended]);
    if (signal.aborted) throw new CliError(text.line.notDone, { exit: exitCodes.interrupted });
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError(text.line.notDone, { exit: exitCodes.failed });
  } finally {
    lines.close();
  }
}
