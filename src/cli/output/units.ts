/** 90061 → `1d1h`: the two largest units. */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / 86400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ];
  const from = parts.findIndex(([amount]) => amount > 0);
  if (from < 0) return '0s';
  return parts
    .slice(from, from + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join('');
}

/** 1536 → `1.5K`, as redis-cli and top write sizes: binary steps. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, 1024, ['', 'K', 'M', 'G', 'T']);
}

/** 1234567 → `1.23M`: decimal steps. */
export function formatCount(count: number): string {
  return count < 10_000 ? String(Math.round(count)) : scaled(count, 1000, ['', 'k', 'M', 'G', 'T']);
}

/** A rate: one digit behind the point while it is small. */
export function formatRate(perSecond: number): string {
  return perSecond < 10 && !Number.isInteger(perSecond) ? perSecond.toFixed(1) : formatCount(perSecond);
}

function scaled(amount: number, step: number, units: readonly string[]): string {
  let value = amount;
  let unit = 0;
  while (Math.abs(value) >= step && unit < units.length - 1) {
    value /= step;
    unit++;
  }
  const digits = unit === 0 || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${digits === 0 ? Math.round(value) : value.toFixed(digits)}${units[unit]}`;
}

/** Milliseconds since the epoch as ISO 8601 with the second as its last part; empty for undefined. */
export function formatTime(ms: number | undefined): string {
  return ms === undefined ? '' : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
