/** What an engine promises; contract tests and the operator's documents read it. */
export interface BusGuarantees {
  /** `at-most-once`: may lose, never repeats; `at-least-once`: may repeat. */
  readonly delivery: 'at-most-once' | 'at-least-once';
  /** Messages of one sender arrive in the order they were sent. */
  readonly ordered: boolean;
}

/**
 * Moves bytes to every node, the sender included. Guarantees of every engine: a message is whole; nothing arrives before
 * `start` resolved or after `close` resolved; `broadcast` resolves once the engine has taken the message and rejects when it has not.
 */
export interface Bus {
  readonly guarantees: BusGuarantees;
  start(onMessage: (bytes: Buffer) => void): Promise<void>;
  broadcast(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}
