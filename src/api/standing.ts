/** Of a node that should be there and is not linked, as each node that misses it says. */
export function unreachedWords(node: string): string {
  return `the node ${node} lives and cannot be reached over the RPC`;
}

/** What a node reaches of what all nodes share, as it tells the others. */
export interface Standing {
  /** Redis answers it. */
  readonly redis: boolean;
  /** What it broadcasts comes round to it. */
  readonly bus: boolean;
  /** Nodes that it is linked with. */
  readonly links: number;
}
