import { unreachedWords } from '../../api/standing.ts';
import type { ClusterStats, Health, NodeStats } from '../../api/stats.ts';

interface Circumstances {
  readonly missing: readonly string[];
  readonly whyMissing: (node: string) => string;
  /** Over all nodes, each once. */
  readonly users: number;
  /** The same. */
  readonly groups: number;
  readonly time: number;
}

/** The nodes side by side, by name; the health of the worst, and of who did not answer. */
export function clusterStats(
  nodes: readonly NodeStats[],
  { missing, whyMissing, users, groups, time }: Circumstances,
): ClusterStats {
  const sorted = nodes.toSorted((a, b) => (a.node < b.node ? -1 : 1));
  const missingNodes = missing.toSorted();
  const health = healthOf(
    sorted,
    missingNodes.map((node) => ({ node, why: whyMissing(node) })),
  );
  return { schema: 'yunque.stats/1', time, nodes: sorted, totals: { users, groups }, missingNodes, health };
}

interface Missing {
  readonly node: string;
  readonly why: string;
}

const worst = { ok: 0, degraded: 1, critical: 2 } as const;

function healthOf(nodes: readonly NodeStats[], missing: readonly Missing[]): Health {
  let verdict: Health['verdict'] = missing.length > 0 ? 'degraded' : 'ok';
  for (const { health } of nodes) if (worst[health.verdict] > worst[verdict]) verdict = health.verdict;
  return { verdict, reasons: [...reasonsOf(nodes, missing), ...missing.map(({ node, why }) => `${node}: ${why}`)] };
}

/** Each trouble once, with those who have it. That all miss a node is not said of each of them: the node's own line says it. */
function reasonsOf(nodes: readonly NodeStats[], missing: readonly Missing[]): readonly string[] {
  const havers = new Map<string, string[]>();
  for (const { node, health } of nodes) {
    for (const reason of health.reasons) havers.set(reason, [...(havers.get(reason) ?? []), node]);
  }
  const said = new Set(missing.map(({ node }) => unreachedWords(node)));
  const lines: string[] = [];
  for (const [reason, ids] of havers) {
    const isAll = ids.length === nodes.length;
    if (isAll && said.has(reason)) continue;
    const who = isAll && nodes.length > 1 && missing.length === 0 ? `all ${nodes.length} nodes` : ids.join(', ');
    lines.push(`${who}: ${reason}`);
  }
  return lines;
}
