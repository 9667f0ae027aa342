import type { ClusterStats } from '../../api/stats.ts';
import { durationsOf, percentileOf } from '../../client/durations.ts';
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
  /** From a batch's first message until all members had it; undefined where there was none. */
  readonly fanoutP50Ms: number | undefined;
  readonly fanoutP99Ms: number | undefined;
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
  const fanout = durationsOf('fanout', nodes, before.stats.nodes);
  const ms = (q: number) => {
    const seconds = fanout && percentileOf(fanout, q);
    return seconds === undefined ? undefined : Math.round(seconds * 1e5) / 100;
  };
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
    fanoutP50Ms: ms(0.5),
    fanoutP99Ms: ms(0.99),
    outboxBytes: totals.outboxBytes,
    slowClients: totals.slowClients,
    loopLagP99Ms: totals.lagP99Ms,
    rssBytes: totals.rss,
  };
}
