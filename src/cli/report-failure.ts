import { exitCodes } from '../api/errors.ts';
import { sanitizeLine } from '../util/control-characters.ts';
import { wordsOfFailure } from './failure-words.ts';
import type { Texts } from './text/en.ts';

interface Described {
  readonly exit: number;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Each thing that is wrong, where there are several. */
  readonly problems?: readonly string[] | undefined;
  /** Our fault, not the operator's: worth a stack. */
  readonly isBug: boolean;
}

/**
 * What an error means to the operator. Errors that say their exit code (`CliError`, `ClientError`,
 * `StartError`), the error table's, and `ConfigError` are the operator's; whatever else is ours.
 */
export function describeFailure(error: unknown): Described {
  if (!(error instanceof Error)) return { exit: exitCodes.failed, message: String(error), isBug: true };
  const { exit, hint, row, exitCode, body } = error as Failure;
  const known = { message: error.message, hint, problems: body?.problems, isBug: false };
  if (error.name === 'ConfigError') return { ...known, exit: exitCodes.badConfig };
  if (error.name === 'CommanderError') return { ...known, exit: exitCode === 0 ? exitCodes.done : exitCodes.usage };
  if (error.name === 'YunqueError' && row !== undefined) return { ...known, exit: row.exit };
  if (error.name === 'StartError' && exitCode !== undefined) return { ...known, exit: exitCode };
  if (typeof exit === 'number') return { ...known, exit };
  return { exit: exitCodes.failed, message: error.message, isBug: true };
}

/** What those errors carry; told by shape, because loading their modules would cost every start. */
interface Failure extends Error {
  readonly exit?: number;
  readonly hint?: string;
  readonly exitCode?: number;
  readonly row?: { readonly exit: number };
  readonly body?: { readonly problems?: readonly string[] };
}

export function failureExit(error: unknown): number {
  return describeFailure(error).exit;
}

export interface FailureStreams {
  readonly text: Texts;
  readonly stderr: { write(text: string): unknown };
}

/** Says on standard error what went wrong and what to do next. Ctrl-C needs no words. */
export function reportFailure(error: unknown, { text, stderr }: FailureStreams): void {
  const { exit, message: english, hint, problems, isBug } = describeFailure(error);
  const message = error instanceof Error && !isBug ? wordsOfFailure(error, text) : english;
  if (exit === exitCodes.interrupted) return;
  if (isBug) {
    stderr.write(`${text.line.bug}\n${error instanceof Error ? (error.stack ?? message) : message}\n`);
    return;
  }
  // Each finding is a line of its own that begins with its place, for editors to jump to.
  if (error instanceof Error && error.name === 'ConfigError') {
    stderr.write(`${text.line.error(text.line.configProblems(message.split('\n').length))}\n`);
    stderr.write(`${sanitizeLines(message)}\n`);
    return;
  }
  stderr.write(`${text.line.error(sanitizeLines(message))}\n`);
  for (const problem of problems ?? []) stderr.write(`${sanitizeLine(problem)}\n`);
  if (hint !== undefined) stderr.write(`${text.line.hint(sanitizeLines(hint))}\n`);
}

/** A hint may list several ways out. */
function sanitizeLines(text: string): string {
  return text.split('\n').map(sanitizeLine).join('\n');
}
