import type { Awaitable } from '../util/awaitable.ts';

/** How long what was handed on is known at least, in milliseconds. */
export const seenForMs = 5 * 60_000;

/**
 * Which records of queues have been handed on within the last five minutes, so that one that comes again is recognised. A name is the door's and then the
 * record's, and any text. Neither call rejects: what cannot be asked is not known, and what cannot be kept is not kept, and both are counted; then a record
 * may be delivered twice, and none is lost.
 */
export interface Seen {
  /** Those of the names that are known. */
  has(names: readonly string[]): Awaitable<ReadonlySet<string>>;
  /** Resolves once they are known to whoever asks, on this node or another that shares them. */
  add(names: readonly string[]): Awaitable<void>;
  readonly figures: SeenFigures;
  close(): void;
}

export interface SeenFigures {
  /** How often the oldest were forgotten before their five minutes were over, because there were too many. */
  readonly shortened: number;
  /** Calls that what is shared with other nodes did not answer. */
  readonly failed: number;
}
