import { exitCodes } from '../api/errors.ts';
import type { MissingNodes } from '../api/listing.ts';
import type { CliContext } from './context.ts';

/** A part of an answer that may lack what some nodes hold. */
export interface Incomplete {
  readonly missingNodes?: MissingNodes;
}

/**
 * Says on standard error which nodes did not answer, and makes the exit 7: neither is it all there is, nor is nobody there. False where
 * all answered.
 */
export function noteMissing(context: CliContext, { missingNodes = [] }: Incomplete): boolean {
  if (missingNodes.length === 0) return false;
  context.note(context.text.line.missingNodes(missingNodes.join(' ')));
  context.exitCode = exitCodes.partly;
  return true;
}

/** The nodes that are missing from any of these, each once; nothing where all answered. */
export function missingFromAny(parts: readonly Incomplete[]): Incomplete {
  const missingNodes = [...new Set(parts.flatMap((part) => part.missingNodes ?? []))];
  return missingNodes.length > 0 ? { missingNodes } : {};
}
