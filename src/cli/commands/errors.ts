import type { Command } from 'commander';
import { errorTable, exitCodes } from '../../api/errors.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import type { Listing } from '../output/printer.ts';

interface ErrorRow {
  readonly code: string;
  readonly status: number;
  readonly close: number;
  readonly exit: number;
  readonly retryable: boolean;
  readonly message: string;
}

const listing: Listing<ErrorRow> = {
  schema: 'yunque.errors/1',
  rowSchema: 'yunque.error/1',
  columns: [
    { header: 'CODE', cell: ({ code }) => code },
    { header: 'HTTP', cell: ({ status }) => String(status), align: 'right' },
    { header: 'CLOSE', cell: ({ close }) => String(close), align: 'right' },
    { header: 'EXIT', cell: ({ exit }) => String(exit), align: 'right' },
    { header: 'RETRY', cell: ({ retryable }) => (retryable ? 'yes' : 'no') },
    { header: 'MEANING', cell: ({ message }) => message, least: 20 },
  ],
  fields: ['code', 'status', 'close', 'exit', 'retryable', 'message'],
};

export function registerErrors(program: Command, context: CliContext): void {
  const { summary, argument } = context.text;
  const command = program
    .command('errors')
    .description(summary.errors)
    .argument('[code]', argument.errorCode)
    .action(async (code: string | undefined) => {
      const rows = Object.entries(errorTable).map(([name, row]) => ({ code: name, ...row }));
      const items = code === undefined ? rows : rows.filter((row) => isNamed(row, code));
      if (items.length === 0) {
        throw new CliError(`there is no error "${code}"`, { hint: 'yunque errors lists all of them' });
      }
      await (await context.printer()).list(listing, { items, total: items.length });
      if (code === undefined) context.note(`exit codes: ${exitCodeLine()}`);
    });
  addExamples(command, context, ['errors', 'errors 4503', 'errors slow_consumer --json']);
}

function isNamed({ code, status, close }: ErrorRow, asked: string): boolean {
  return code === asked || String(close) === asked || String(status) === asked;
}

function exitCodeLine(): string {
  return Object.entries(exitCodes)
    .map(([name, exit]) => `${exit} ${name}`)
    .join(' · ');
}
