import type { PeerNode } from '../peers.ts';

/** A node and where the others reach its RPC. */
export interface RpcNode extends PeerNode {
  /** An address, or a name that is resolved whenever it is dialled. */
  readonly host: string;
  readonly port: number;
}

/**
 * Who belongs to the cluster and where: leases in a directory, or the word of a supervisor. A member may be listed before its port
 * is open, and its address may change. One that is listed no more is gone, and is not let in again under that incarnation until it
 * is listed again. Whoever keeps the list does not shorten it only because its directory cannot be asked.
 */
export interface RpcMembers {
  /** Makes this node known to the others, and answers all there are; what is told meanwhile is newer than the answer. */
  enter(self: RpcNode): Promise<readonly RpcNode[]>;
  /** Told all there are whenever that changes. */
  watch(listener: (nodes: readonly RpcNode[]) => void): void;
}
