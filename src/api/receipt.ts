/**
 * Why a connection did not get a message. Of those that are taken the last three are in counters only: the message had been
 * queued, and its receipt given, when something newer or its age took its place.
 */
export const dropReasons = [
  'slow_consumer',
  'closing',
  'not_in_dialect',
  'outbox_full',
  'displaced',
  'conflated',
  'expired',
] as const;
export type DropReason = (typeof dropReasons)[number];

/**
 * What happened to one push. Connections are counted, over the whole cluster.
 * `matched` = `delivered` + the sum of `dropped`; `delivered` means handed to a socket's queue, not read by the client.
 */
export interface Receipt {
  readonly messageId: string;
  readonly matched: number;
  readonly delivered: number;
  /**
   * Of the delivered, those that still waited in the node: behind bytes their client has not read yet, or for the flush of a group that
   * waits. What is in no queue and was not dropped has been given to the kernel.
   */
  readonly queued: number;
  /** Kept for later delivery. Always 0 while messages are not durable. */
  readonly stored: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  /** Nodes that did not answer in time: their connections are in no other figure. */
  readonly missingNodes: readonly string[];
  /** Target users without a connection; present when the target names users. */
  readonly offline?: readonly string[];
  /** Target connections that do not exist in this system; present when the target names connections. */
  readonly unknown?: readonly string[];
}

/** What happened to a list of messages, each with a target of its own. */
export interface ListReceipt {
  readonly total: number;
  readonly matched: number;
  readonly delivered: number;
  /** As in `Receipt`. */
  readonly queued: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly missingNodes: readonly string[];
  readonly offline: readonly string[];
}
