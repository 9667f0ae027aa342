import type { Command } from 'commander';
import { standardCloseCodes } from '../../api/close-code.ts';
import { errorTable, exitCodes } from '../../api/errors.ts';
import { CliError } from '../cli-error.ts';
import { closeWords } from '../close-code.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import type { Listing } from '../output/printer.ts';

interface ErrorRow {
  readonly code: string;
  /** Of an answer over HTTP; closings of RFC 6455 have none. */
  readonly status?: number;
  readonly close: number;
  readonly exit: number;
  readonly retryable: boolean;
  readonly message: string;
}

const listingOf = (wordsOf: (code: string, message: string) => string): Listing<ErrorRow> => ({
  schema: 'yunque.errors/1',
  rowSchema: 'yunque.error/1',
  columns: [
    { header: 'CODE', cell: ({ code }) => code },
    { header: 'HTTP', cell: ({ status }) => String(status ?? '-'), align: 'right' },
    { header: 'CLOSE', cell: ({ close }) => String(close), align: 'right' },
    { header: 'EXIT', cell: ({ exit }) => String(exit), align: 'right' },
    { header: 'RETRY', cell: ({ retryable }) => (retryable ? 'yes' : 'no') },
    { header: 'MEANING', cell: ({ code, message }) => wordsOf(code, message), least: 20 },
  ],
  fields: ['code', 'status', 'close', 'exit', 'retryable', 'message'],
});

export function registerErrors(program: Command, context: CliContext): void {
  const wordsOf = (name: string, message: string) => closeWords({ name, message }, message, context.text);
  const { summary, argument } = context.text;
  const command = program
    .command('errors')
    .description(summary.errors)
    .argument('[code]', argument.errorCode)
    .action(async (code: string | undefined) => {
      const rows: ErrorRow[] = Object.entries(errorTable).map(([name, row]) => ({ code: name, ...row }));
      const items = code === undefined ? rows : [...rows, ...standardRows()].filter((row) => isNamed(row, code));
      if (items.length === 0) {
        throw new CliError(`there is no error "${code}"`, { hint: 'yunque errors lists all of them' });
      }
      await (await context.printer()).list(listingOf(wordsOf), { items, total: items.length });
      if (code === undefined) context.note(exitCodeLine(context));
    });
  addExamples(command, context, ['errors', 'errors 4503', 'errors slow_consumer --json']);
}

function isNamed({ code, status, close }: ErrorRow, asked: string): boolean {
  return code === asked || String(close) === asked || String(status) === asked;
}

/** Close codes that are RFC 6455's and not ours. */
function standardRows(): ErrorRow[] {
  return Object.entries(standardCloseCodes).map(([close, { name, message, exit, retryable }]) => ({
    code: name,
    close: Number(close),
    exit,
    retryable,
    message,
  }));
}

function exitCodeLine({ text }: CliContext): string {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  return text.line.exitCodes(names.map((name) => `${exitCodes[name]} ${text.exits[name]}`).join(' · '));
}
