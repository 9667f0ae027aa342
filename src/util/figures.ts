/** Shown where a figure is not known (yet). */
export const unknown = '-';

/** `0`, `999`, `12,345`, `999,999`, `1.23M`, `45.6G`: never more than 7 columns below 10^18. */
export function formatCount(count: number | undefined): string {
  if (!isKnown(count)) return unknown;
  const whole = Math.round(count);
  return Math.abs(whole) < 1_000_000 ? formatExact(whole) : scaled(whole, 1000, ['', 'k', 'M', 'G', 'T', 'P'], 2);
}

/** `1,234,567`, as long as it is: for where there is room. */
export function formatExact(count: number): string {
  return count.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A rate per second: one decimal below 10, so that a trickle does not look like silence. */
export function formatRate(perSecond: number | undefined): string {
  if (!isKnown(perSecond)) return unknown;
  if (perSecond === 0) return '0';
  if (perSecond < 0.05) return '<0.1';
  return perSecond < 9.95 ? perSecond.toFixed(1) : formatCount(perSecond);
}

/** Powers of 1024: `0 B`, `512 B`, `1.5 KiB`, `12.3 MiB`, `123 MiB`; never more than 8 columns below 10^18. */
export function formatBytes(bytes: number | undefined): string {
  if (!isKnown(bytes)) return unknown;
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  return scaled(bytes, 1024, [' B', ' KiB', ' MiB', ' GiB', ' TiB', ' PiB'], 1);
}

/** `0.4 ms`, `12 ms`, `3.2 s`. */
export function formatMs(ms: number | undefined): string {
  if (!isKnown(ms)) return unknown;
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 9.95 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** Two units at most: `7s`, `4m12s`, `3h05m`, `2d04h`, `400d`. */
export function formatAge(seconds: number | undefined): string {
  if (!isKnown(seconds)) return unknown;
  const total = Math.max(0, Math.floor(seconds));
  const two = (n: number) => n.toString().padStart(2, '0');
  if (total < 60) return `${total}s`;
  if (total < 3600) return `${Math.floor(total / 60)}m${two(total % 60)}s`;
  if (total < 86_400) return `${Math.floor(total / 3600)}h${two(Math.floor((total % 3600) / 60))}m`;
  const days = Math.floor(total / 86_400);
  return days < 100 ? `${days}d${two(Math.floor((total % 86_400) / 3600))}h` : `${days}d`;
}

function isKnown(figure: number | undefined): figure is number {
  return figure !== undefined && Number.isFinite(figure);
}

/** Three digits, of which at most `decimals` behind the point. */
function scaled(value: number, base: number, units: readonly string[], decimals: number): string {
  let rest = value;
  let unit = 0;
  while (Math.abs(rest) >= base * 0.9995 && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  const digits = Math.abs(rest) < 9.995 ? 2 : Math.abs(rest) < 99.95 ? 1 : 0;
  return `${rest.toFixed(Math.min(digits, decimals))}${units[unit]}`;
}
