/** What an engine promises; contract tests and the operator's documents read it. */
export interface BusGuarantees {
  /** `at-most-once`: may lose, never repeats; `at-least-once`: may repeat. */
  readonly delivery: 'at-most-once' | 'at-least-once';
  /** Messages of one sender arrive in the order they were sent. */
  readonly ordered: boolean;
}

/** Plain counts, shown as `yunque_bus_events_total{engine,what}` and `yunque_bus_held{engine,what}`; a name is lower case with underscores. */
export type BusFigures = Readonly<Record<string, number>>;

/**
 * Moves bytes to every node, the sender included. Guarantees of every engine:
 * - A message is whole. None arrives before `start` resolved or after `close` was called, nor within the call of `broadcast`.
 * - `broadcast` resolves once the engine has taken the message, and rejects when it has not, or when that is not known: at once
 *   where `failure` is set, and within a few seconds else. The order is that of the calls, whether they were waited for or not.
 * - `start` resolves once it hears what is broadcast from now on, or once the first try to get there has failed: `failure` then
 *   says why, and it goes on trying. A server that is lost is found again, and what was listened to is listened to again,
 *   without a new start. It rejects where it was started or closed before.
 * - The bytes given to `broadcast` and to `onMessage` are written to by nobody. `onMessage` must not throw.
 */
export interface Bus {
  readonly guarantees: BusGuarantees;
  /** Why broadcasts do not go now, or are not heard here, for people; undefined: they go and are heard. */
  readonly failure: string | undefined;
  /** Calls whenever `failure` has changed. Returns what ends that. */
  onState(listener: (failure: string | undefined) => void): () => void;
  start(onMessage: (bytes: Buffer) => void): Promise<void>;
  broadcast(bytes: Buffer): Promise<void>;
  /** What it counted since it was made, and how much of something it holds (`unconfirmed`, `lag`), by name; each engine has its own. */
  figures(): BusFigures;
  /** May be called twice. */
  close(): Promise<void>;
}
