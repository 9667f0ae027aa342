import type { CliContext } from './context.ts';
import { type Incomplete, noteMissing } from './missing-nodes.ts';
import type { Listing } from './output/printer.ts';

/** Prints one row by itself, with the columns of its listing in csv and plain. */
export async function showRow<T extends object>(
  context: CliContext,
  { rowSchema, fields }: Listing<T>,
  row: T & Incomplete,
): Promise<void> {
  await (await context.printer()).record(rowSchema, row, { fields });
  noteMissing(context, row);
}
