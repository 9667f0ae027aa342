import type { ClusterStats, NodeStats } from '../api/stats.ts';

export interface NodeTotals {
  readonly connections: number;
  readonly pending: number;
  readonly users: number;
  readonly groups: number;
  readonly systems: number;
  readonly slowClients: number;
  readonly outboxBytes: number;
  readonly rss: number;
  /** The worst node's. */
  readonly lagP99Ms: number;
}

/** Over the nodes that answered. A user or group that is on several is counted once. */
export function totalsOfNodes({ nodes, totals }: Pick<ClusterStats, 'nodes' | 'totals'>): NodeTotals {
  const sum = (of: (node: NodeStats) => number) => nodes.reduce((total, node) => total + of(node), 0);
  const most = (of: (node: NodeStats) => number) => nodes.reduce((largest, node) => Math.max(largest, of(node)), 0);
  return {
    connections: sum((node) => node.connections),
    pending: sum((node) => node.pending),
    users: totals.users,
    groups: totals.groups,
    systems: most((node) => node.systems),
    slowClients: sum((node) => node.slowClients),
    outboxBytes: sum((node) => node.outboxBytes),
    rss: sum((node) => node.memory.rss),
    lagP99Ms: most((node) => node.eventLoopLagMs.p99),
  };
}
