import type { PeerNode } from '../peers.ts';

/** A node and where its RPC listens. */
export interface RpcNode extends PeerNode {
  readonly host: string;
  readonly port: number;
}

/** Who belongs to the cluster and where: leases in a directory, or the word of a supervisor. */
export interface RpcMembers {
  /** Makes this node known to the others, and answers all there are. */
  enter(self: RpcNode): Promise<readonly RpcNode[]>;
  /** Told all there are whenever that changes. */
  watch(listener: (nodes: readonly RpcNode[]) => void): void;
}
