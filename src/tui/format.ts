import { formatAge, unknown } from '../util/figures.ts';

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
