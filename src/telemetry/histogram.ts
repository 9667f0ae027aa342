import type { DurationFigures } from '../api/stats.ts';

/** Upper bounds of the buckets, in seconds: doubling from 50 µs to about 1.6 s. */
export const bucketBounds: readonly number[] = Array.from({ length: 16 }, (_, at) => 0.000_05 * 2 ** at);

/** Durations counted by size, as Prometheus has them; never a list. */
export class Histogram {
  /** Of each bound those that are above the one before; the last: those above all. */
  readonly counts: number[] = new Array(bucketBounds.length + 1).fill(0);
  count = 0;
  /** Seconds. */
  sum = 0;

  observe(seconds: number): void {
    let at = 0;
    while (at < bucketBounds.length && seconds > (bucketBounds[at] as number)) at += 1;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.count += 1;
    this.sum += seconds;
  }
}

export function durationFigures({ counts, count, sum }: Histogram): DurationFigures {
  return { bounds: bucketBounds, counts: [...counts], count, sum };
}

/** In Prometheus' text format (version 0.0.4): cumulative buckets, `_sum` and `_count`. */
export function histogramText(name: string, help: string, { counts, count, sum }: Histogram): string {
  let below = 0;
  const buckets = bucketBounds.map((bound, at) => {
    below += counts[at] ?? 0;
    return `${name}_bucket{le="${Number(bound.toPrecision(6))}"} ${below}`;
  });
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} histogram`,
    ...buckets,
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${sum}`,
    `${name}_count ${count}`,
    '',
  ].join('\n');
}

/** One of prom-client's metrics as JSON. */
export interface MetricJson {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: string;
  readonly values: readonly {
    readonly labels: Readonly<Record<string, string | number>>;
    readonly value: number;
    readonly metricName?: string;
  }[];
}

/** As `histogramText`, in the form of prom-client. */
export function histogramJson(
  name: string,
  help: string,
  { counts, count, sum }: Histogram,
  labels: Readonly<Record<string, string>>,
): MetricJson {
  let below = 0;
  const bucket = (le: number | string, value: number) => {
    return { labels: { le, ...labels }, value, metricName: `${name}_bucket` };
  };
  const buckets = bucketBounds.map((bound, at) => {
    below += counts[at] ?? 0;
    return bucket(Number(bound.toPrecision(6)), below);
  });
  return {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    values: [
      ...buckets,
      bucket('+Inf', count),
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ],
  };
}
