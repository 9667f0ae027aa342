import { type ErrorCode, exitCodes } from '../api/errors.ts';
import { isRefusal } from '../client/client-error.ts';
import type { CliContext } from './context.ts';
import { type Incomplete, noteMissing } from './missing-nodes.ts';

export interface Removal<T> {
  readonly names: readonly string[];
  readonly remove: (name: string) => Promise<T>;
  /** The refusal that says that there is none of this name. */
  readonly unknown: ErrorCode;
  readonly schema: string;
  /** What the record says beside the names. */
  readonly sum?: (results: readonly T[]) => object;
  /** The nodes that are missing from the results. */
  readonly missing?: (results: readonly T[]) => Incomplete;
  readonly unknownLine: (names: string) => string;
}

/** One after the other; what is not there is passed over, and said where something else was (exit 7). */
export async function removeEach<T>(context: CliContext, removal: Removal<T>): Promise<void> {
  const { names, remove, schema, sum, unknownLine, missing } = removal;
  const printer = await context.printer();
  const removed: string[] = [];
  const results: T[] = [];
  const unknown: string[] = [];
  let failure: unknown;
  for (const name of names) {
    try {
      results.push(await remove(name));
      removed.push(name);
    } catch (error) {
      failure = error;
      if (!isRefusal(error, removal.unknown)) break;
      unknown.push(name);
    }
  }
  // What was done is told even where the rest failed.
  if (removed.length > 0) {
    const sums = { removed, unknown, ...sum?.(results) };
    const incomplete = missing?.(results) ?? {};
    await printer.record(schema, { ...sums, ...incomplete }, { fields: Object.keys(sums) });
    noteMissing(context, incomplete);
  }
  const hasOnlyUnknown = removed.length + unknown.length === names.length;
  if (removed.length === 0 || !hasOnlyUnknown) throw failure;
  if (unknown.length === 0) return;
  context.exitCode = exitCodes.partly;
  context.note(unknownLine(unknown.join(' ')));
}
