import type { NodeStats } from '../api/stats.ts';

/** Per second, over the time between two samples. */
export interface Rates {
  readonly in: number;
  readonly out: number;
  readonly dropped: number;
  readonly droppedBy: Readonly<Record<string, number>>;
  /** Cores busy: 1 is one full core. */
  readonly cpu: number;
}

/** When a sample was taken: what the server's clock said, and when we asked and were answered by our own steady one. */
export interface SampleTime {
  readonly serverMs: number;
  readonly askedMs: number;
  readonly answeredMs: number;
}

/**
 * Seconds between two samples. The server took each between our question and its answer, so its clock is believed inside
 * that window only: a stepped wall clock cannot distort a rate, and a slow answer does not either.
 */
export function secondsBetween(earlier: SampleTime, later: SampleTime): number {
  const least = Math.max(0, later.askedMs - earlier.answeredMs);
  const most = later.answeredMs - earlier.askedMs;
  return Math.min(most, Math.max(least, later.serverMs - earlier.serverMs)) / 1000;
}

/** Whether two samples are of one process: only then may their counters be subtracted. */
export function isSameStart(earlier: NodeStats, later: NodeStats): boolean {
  return earlier.startedAt === later.startedAt && earlier.pid === later.pid;
}

/** Undefined where there is no rate: the node started in between, a counter went backwards, or no time passed. */
export function ratesBetween(earlier: NodeStats | undefined, later: NodeStats, seconds: number): Rates | undefined {
  if (!earlier || seconds <= 0) return undefined;
  if (!isSameStart(earlier, later)) return undefined;
  const perSecond = (before: number, after: number) => (after - before) / seconds;
  const rates: Rates = {
    in: perSecond(earlier.messagesInTotal, later.messagesInTotal),
    out: perSecond(earlier.deliveriesTotal, later.deliveriesTotal),
    dropped: perSecond(earlier.droppedTotal, later.droppedTotal),
    droppedBy: Object.fromEntries(
      Object.entries(later.dropped).map(([reason, total]) => [reason, perSecond(earlier.dropped[reason] ?? 0, total)]),
    ),
    cpu: perSecond(earlier.cpuSeconds, later.cpuSeconds),
  };
  return Math.min(rates.in, rates.out, rates.dropped, rates.cpu) < 0 ? undefined : rates;
}

/** Of the nodes that have rates; undefined when none has. */
export function sumRates(all: readonly (Rates | undefined)[]): Rates | undefined {
  const known = all.filter((rates) => rates !== undefined);
  if (known.length === 0) return undefined;
  const droppedBy: Record<string, number> = {};
  for (const rates of known) {
    for (const [reason, rate] of Object.entries(rates.droppedBy)) droppedBy[reason] = (droppedBy[reason] ?? 0) + rate;
  }
  const sum = (of: (rates: Rates) => number) => known.reduce((total, rates) => total + of(rates), 0);
  return {
    in: sum((r) => r.in),
    out: sum((r) => r.out),
    dropped: sum((r) => r.dropped),
    droppedBy,
    cpu: sum((r) => r.cpu),
  };
}
