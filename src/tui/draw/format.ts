import { formatAge, unknown } from '../../util/figures.ts';
import type { Percentiles } from '../feed/latency.ts';

/** `100 %`, `99.98 %`; never rounded up to 100 while something is missing. */
export function formatShare(share: number | undefined): string {
  if (share === undefined || !Number.isFinite(share)) return unknown;
  if (share >= 1) return '100 %';
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

/** Local time of day, `14:03:22`. */
export function formatClock(epochMs: number): string {
  const date = new Date(epochMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => n.toString().padStart(2, '0')).join(':');
}

/** `250ms`, `1s`, `1m30s`. */
export function formatInterval(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  return ms % 1000 === 0 ? formatAge(ms / 1000) : `${(ms / 1000).toFixed(1)}s`;
}

/** Cores busy, in percent of one: `21%`, `380%`. */
export function formatCores(cores: number | undefined): string {
  return cores === undefined ? unknown : `${Math.round(cores * 100)}%`;
}

/** Local date, `2026-03-01`. */
export function formatDay(epochMs: number): string {
  return formatMoment(epochMs).slice(0, 10);
}

/** Local date and time, `2026-03-01 14:03:22`. */
export function formatMoment(epochMs: number): string {
  return new Date(epochMs).toLocaleString('sv-SE');
}

/** `0.4/2.1 ms`, `12/340 ms`, `0.9/1.4 s`: never more than 10 columns below 1000 s. */
export function formatPercentiles(percentiles: Percentiles | undefined): string {
  if (!percentiles) return unknown;
  const { p50, p99 } = percentiles;
  const isLong = p99 >= 1000;
  const short = (value: number) => (value < 9.95 ? value.toFixed(1) : Math.round(value).toString());
  return isLong ? `${short(p50 / 1000)}/${short(p99 / 1000)} s` : `${short(p50)}/${short(p99)} ms`;
}
