import type { DurationFigures, Durations, NodeStats } from '../api/stats.ts';
import { isSameStart } from './rates.ts';

/**
 * What took how long on all these nodes together, since they started or, with `before`, since that sample of theirs. Of
 * a node that was not in it, or started anew, nothing is counted. Undefined where nothing was.
 */
export function durationsOf(
  kind: keyof Durations,
  nodes: readonly NodeStats[],
  before?: readonly NodeStats[],
): DurationFigures | undefined {
  const known = new Map<number, number>();
  let [count, sum] = [0, 0];
  for (const node of nodes) {
    const earlier = before?.find((each) => each.node === node.node && isSameStart(each, node));
    if (before !== undefined && earlier === undefined) continue;
    // A node of an earlier release says nothing.
    const since = differenceOf(earlier?.durations?.[kind], node.durations?.[kind]);
    if (since === undefined) continue;
    for (const [at, of] of since.counts.entries()) {
      const bound = since.bounds[at] ?? Number.POSITIVE_INFINITY;
      known.set(bound, (known.get(bound) ?? 0) + of);
    }
    count += since.count;
    sum += since.sum;
  }
  if (count === 0) return undefined;
  known.set(Number.POSITIVE_INFINITY, known.get(Number.POSITIVE_INFINITY) ?? 0);
  const sorted = [...known].sort(([a], [b]) => a - b);
  return { bounds: sorted.slice(0, -1).map(([bound]) => bound), counts: sorted.map(([, of]) => of), count, sum };
}

/** Seconds within which the part `q` (0 to 1) of them was done, between two bounds by proportion; the last bound for those above all. */
export function percentileOf({ bounds, counts, count }: DurationFigures, q: number): number | undefined {
  if (count === 0) return undefined;
  const wanted = q * count;
  let below = 0;
  for (const [at, of] of counts.entries()) {
    const bound = bounds[at];
    if (bound === undefined) break;
    if (of > 0 && below + of >= wanted) {
      const least = bounds[at - 1] ?? 0;
      return least + (bound - least) * Math.max(0, (wanted - below) / of);
    }
    below += of;
  }
  return bounds.at(-1);
}

/** Undefined where a count went backwards. */
function differenceOf(
  before: DurationFigures | undefined,
  now: DurationFigures | undefined,
): DurationFigures | undefined {
  if (before === undefined || now === undefined) return now;
  const counts = now.counts.map((of, at) => of - (before.counts[at] ?? 0));
  if (counts.some((of) => of < 0)) return undefined;
  return { bounds: now.bounds, counts, count: now.count - before.count, sum: now.sum - before.sum };
}
