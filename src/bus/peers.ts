/** A node of the cluster as the others see it. `incarnation` tells this start of it from its earlier ones, and is greater than theirs. */
export interface PeerNode {
  readonly id: string;
  readonly incarnation: number;
  /**
   * The highest version of what nodes say to each other (wire/cluster/versions.ts) that this node and the one it reports to both speak.
   * Absent: all are of one build.
   */
  readonly version?: number;
}

/** To whom: the id of one node, or every other node that is alive. */
export type PeerAddress = string | typeof allPeers;

export const allPeers = Symbol('all other nodes');

export interface PeerAnswers {
  /** By the id of the node. */
  readonly answers: ReadonlyMap<string, Buffer>;
  /** Nodes that were asked and did not answer: not alive, gone meanwhile, silent until the deadline, or failed over it. */
  readonly missing: readonly string[];
}

/** None of them may throw; `onAsk` may reject, which the asker takes for a missing answer. */
export interface PeerHandlers {
  onTell(from: PeerNode, bytes: Buffer): void;
  onAsk(from: PeerNode, bytes: Buffer): Promise<Buffer>;
  onJoin(node: PeerNode): void;
  onLeave(node: PeerNode): void;
}

/**
 * The other nodes of a cluster, each by its name: tell one or all something, ask some or all a question.
 *
 * Guarantees of every implementation:
 * - What one node sends another, tells and asks alike, is handed to the handlers whole, in the order it was sent, at most
 *   once, and never in the turn of the call that sent it. Answers have no order.
 * - A node never hears itself, and never something of a node that `onJoin` has not reported. `nodes` is as the last
 *   `onJoin` or `onLeave` left it.
 * - After `onLeave` nothing arrives that this node sent before its next `onJoin`, be that a new start of it or the same
 *   one after a cut: whatever had been shared with it has to be shared anew. A new incarnation joins after the old one left.
 * - `tell` and `ask` never throw, and `ask` never rejects. What is sent to a node that is not alive, before `start`
 *   resolved or after `close` was called, reaches nobody; such a node is missing at once, and so is one that goes
 *   while its answer is awaited. An answer after the deadline is thrown away.
 * - `start` resolves once the nodes that are alive and can be reached have joined. `close` says goodbye: the others
 *   report the leave at once; after it was called no handler is called. It may be called twice.
 * - The bytes given to `tell`, `ask` and the handlers belong to whoever got them and are written to by nobody.
 */
export interface Peers {
  readonly self: PeerNode;
  /** The others that are alive, oldest join first. */
  readonly nodes: readonly PeerNode[];
  start(handlers: PeerHandlers): Promise<void>;
  tell(to: PeerAddress, bytes: Buffer): void;
  /** Each node once, however often it is named. */
  ask(to: readonly string[] | typeof allPeers, bytes: Buffer, options: { deadlineMs: number }): Promise<PeerAnswers>;
  close(): Promise<void>;
}
