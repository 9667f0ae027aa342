import type { ClusterStats, NodeStats } from '../../api/stats.ts';

/** Totals of a snapshot and what changed since the one before, per second of real time. */
export interface StatsLine {
  readonly time: number;
  readonly verdict: ClusterStats['health']['verdict'];
  readonly nodes: number;
  readonly connections: number;
  readonly users: number;
  readonly groups: number;
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  readonly droppedPerSecond: number;
  readonly outboxBytes: number;
  readonly slowClients: number;
  /** The slowest node's. */
  readonly loopLagP99Ms: number;
  readonly rssBytes: number;
}

/** A snapshot and when it arrived, by a clock that never steps (`performance.now()`). */
export interface Sample {
  readonly stats: ClusterStats;
  readonly atMs: number;
}

export function statsLine(before: Sample, now: Sample): StatsLine {
  const { nodes, time, health } = now.stats;
  const seconds = Math.max(0.001, (now.atMs - before.atMs) / 1000);
  const earlier = new Map(before.stats.nodes.map((node) => [node.node, node]));
  const rate = (total: (node: NodeStats) => number) =>
    nodes.reduce((sum, node) => sum + growth(earlier.get(node.node), node, total), 0) / seconds;
  const sum = (value: (node: NodeStats) => number) => nodes.reduce((total, node) => total + value(node), 0);
  return {
    time,
    verdict: health.verdict,
    nodes: nodes.length,
    connections: sum((node) => node.connections),
    users: sum((node) => node.users),
    groups: sum((node) => node.groups),
    inPerSecond: rate((node) => node.messagesInTotal),
    outPerSecond: rate((node) => node.deliveriesTotal),
    droppedPerSecond: rate((node) => node.droppedTotal),
    outboxBytes: sum((node) => node.outboxBytes),
    slowClients: sum((node) => node.slowClients),
    loopLagP99Ms: Math.max(0, ...nodes.map((node) => node.eventLoopLagMs.p99)),
    rssBytes: sum((node) => node.memory.rss),
  };
}

/** A node that started anew counts from zero; one not seen before tells nothing yet. */
function growth(before: NodeStats | undefined, now: NodeStats, total: (node: NodeStats) => number): number {
  if (before === undefined) return 0;
  return before.startedAt === now.startedAt ? Math.max(0, total(now) - total(before)) : total(now);
}
