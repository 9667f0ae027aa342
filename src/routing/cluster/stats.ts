import type { ClusterStats, Health, NodeStats } from '../../api/stats.ts';

/** The nodes side by side, by name; the health of the worst, and of who did not answer. */
export function clusterStats(nodes: readonly NodeStats[], missingNodes: readonly string[], time: number): ClusterStats {
  const sorted = nodes.toSorted((a, b) => (a.node < b.node ? -1 : 1));
  return { schema: 'yunque.stats/1', time, nodes: sorted, missingNodes, health: healthOf(sorted, missingNodes) };
}

const worst = { ok: 0, degraded: 1, critical: 2 } as const;

function healthOf(nodes: readonly NodeStats[], missingNodes: readonly string[]): Health {
  let verdict: Health['verdict'] = missingNodes.length > 0 ? 'degraded' : 'ok';
  for (const { health } of nodes) if (worst[health.verdict] > worst[verdict]) verdict = health.verdict;
  const reasons = nodes.flatMap(({ node, health }) => health.reasons.map((reason) => `${node}: ${reason}`));
  return { verdict, reasons: [...reasons, ...missingNodes.map((node) => `${node}: does not answer`)] };
}
