import type { Durations, NodeStats } from '../../api/stats.ts';
import { durationsOf, percentileOf } from '../../client/durations.ts';

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** Of what was done in one interval; absent where nothing was. */
export interface Latency {
  /** Of what waits for a socket. */
  readonly flush?: Percentiles;
  /** Of one message to its receivers. */
  readonly fanout?: Percentiles;
}

/** Of these nodes together, since `before`. */
export function latencyOf(nodes: readonly NodeStats[], before: readonly NodeStats[]): Latency {
  const flush = percentilesOf('flush', nodes, before);
  const fanout = percentilesOf('fanout', nodes, before);
  return { ...(flush && { flush }), ...(fanout && { fanout }) };
}

function percentilesOf(
  kind: keyof Durations,
  nodes: readonly NodeStats[],
  before: readonly NodeStats[],
): Percentiles | undefined {
  const figures = durationsOf(kind, nodes, before);
  const [p50, p99] = figures ? [percentileOf(figures, 0.5), percentileOf(figures, 0.99)] : [];
  return p50 === undefined || p99 === undefined ? undefined : { p50: p50 * 1000, p99: p99 * 1000 };
}
