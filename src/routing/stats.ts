import type { ClusterStats } from '../api/stats.ts';
import type { NodeContext } from './node-context.ts';

export async function handleStats(node: NodeContext): Promise<ClusterStats> {
  const own = await node.nodeStats();
  return {
    schema: 'yunque.stats/1',
    time: Date.now(),
    nodes: [own],
    totals: { users: own.users, groups: own.groups },
    missingNodes: [],
    health: own.health,
  };
}
