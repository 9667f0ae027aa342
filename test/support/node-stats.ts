import type { ClusterStats, DurationFigures, NodeStats } from '../../src/api/stats.ts';

/** Of nothing that took any time, with the bounds of a real node. */
export function noDurations(): DurationFigures {
  const bounds = Array.from({ length: 16 }, (_, at) => 0.000_05 * 2 ** at);
  return { bounds, counts: bounds.map(() => 0).concat(0), count: 0, sum: 0 };
}

/** A node that has done nothing yet, but for what is given. */
export function nodeStats(patch: Partial<NodeStats> = {}): NodeStats {
  return {
    node: 'node-a',
    version: '0.1.0',
    pid: 1,
    marks: { seen_shortened: 0, seen_failed: 0, sequences_local: 0, idempotency_alone: 0 },
    state: 'serving',
    startedAt: 1000,
    uptimeSeconds: 1,
    addresses: ['http://127.0.0.1:666'],
    connections: 0,
    connectionsByDialect: { json: 0, yunque: 0, cim: 0, 'cim-json': 0 },
    connectionsBySystem: {},
    pending: 0,
    users: 0,
    groups: 0,
    systems: 1,
    messagesIn: {},
    messagesInTotal: 0,
    deliveries: {},
    deliveriesTotal: 0,
    dropped: {},
    droppedTotal: 0,
    disconnects: {},
    lostLogLines: {},
    refused: {},
    ignoredFrames: 0,
    pauses: { count: 0, seconds: 0 },
    outboxBytes: 0,
    slowClients: 0,
    eventLoopLagMs: { mean: 0, p99: 0, max: 0 },
    durations: { flush: noDurations(), fanout: noDurations() },
    memory: { rss: 0, heapUsed: 0, heapTotal: 0, heapLimit: 0 },
    cpuSeconds: 0,
    shedding: [],
    health: { verdict: 'ok', reasons: [] },
    ...patch,
  };
}

export function clusterStats(
  time: number,
  nodes: readonly NodeStats[],
  missingNodes: readonly string[] = [],
): ClusterStats {
  const sum = (of: (node: NodeStats) => number) => nodes.reduce((total, node) => total + of(node), 0);
  const totals = { users: sum(({ users }) => users), groups: sum(({ groups }) => groups) };
  return { schema: 'yunque.stats/1', time, nodes, totals, missingNodes, health: { verdict: 'ok', reasons: [] } };
}
