import type { ClusterStats, Health, NodeStats } from '../../api/stats.ts';

interface Circumstances {
  readonly missing: readonly string[];
  readonly whyMissing: (node: string) => string;
  /** Over all nodes, each once. */
  readonly users: number;
  readonly time: number;
}

/** The nodes side by side, by name; the health of the worst, and of who did not answer. */
export function clusterStats(
  nodes: readonly NodeStats[],
  { missing, whyMissing, users, time }: Circumstances,
): ClusterStats {
  const sorted = nodes.toSorted((a, b) => (a.node < b.node ? -1 : 1));
  const missingNodes = missing.toSorted();
  const reasons = missingNodes.map((node) => `${node}: ${whyMissing(node)}`);
  const health = healthOf(sorted, reasons);
  return { schema: 'yunque.stats/1', time, nodes: sorted, totals: { users }, missingNodes, health };
}

const worst = { ok: 0, degraded: 1, critical: 2 } as const;

function healthOf(nodes: readonly NodeStats[], missing: readonly string[]): Health {
  let verdict: Health['verdict'] = missing.length > 0 ? 'degraded' : 'ok';
  for (const { health } of nodes) if (worst[health.verdict] > worst[verdict]) verdict = health.verdict;
  const reasons = nodes.flatMap(({ node, health }) => health.reasons.map((reason) => `${node}: ${reason}`));
  return { verdict, reasons: [...reasons, ...missing] };
}
