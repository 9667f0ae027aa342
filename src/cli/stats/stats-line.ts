import type { ClusterStats } from '../../api/stats.ts';
import { ratesBetween, type SampleTime, secondsBetween, sumRates } from '../../client/rates.ts';
import { totalsOfNodes } from '../../client/totals.ts';

/** Totals of a snapshot and what changed since the one before, per second. */
export interface StatsLine {
  readonly time: number;
  readonly verdict: ClusterStats['health']['verdict'];
  readonly nodes: number;
  readonly connections: number;
  readonly users: number;
  readonly groups: number;
  /** Undefined where no node has a rate. */
  readonly inPerSecond: number | undefined;
  readonly outPerSecond: number | undefined;
  readonly droppedPerSecond: number | undefined;
  readonly outboxBytes: number;
  readonly slowClients: number;
  /** The slowest node's. */
  readonly loopLagP99Ms: number;
  readonly rssBytes: number;
}

export interface Sample {
  readonly stats: ClusterStats;
  readonly at: SampleTime;
}

export function statsLine(before: Sample, now: Sample): StatsLine {
  const { nodes, time, health } = now.stats;
  const seconds = secondsBetween(before.at, now.at);
  const earlier = new Map(before.stats.nodes.map((node) => [node.node, node]));
  const rates = sumRates(nodes.map((node) => ratesBetween(earlier.get(node.node), node, seconds)));
  const totals = totalsOfNodes(now.stats);
  return {
    time,
    verdict: health.verdict,
    nodes: nodes.length,
    connections: totals.connections,
    users: totals.users,
    groups: totals.groups,
    inPerSecond: rates?.in,
    outPerSecond: rates?.out,
    droppedPerSecond: rates?.dropped,
    outboxBytes: totals.outboxBytes,
    slowClients: totals.slowClients,
    loopLagP99Ms: totals.lagP99Ms,
    rssBytes: totals.rss,
  };
}
