import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/** Shown where a figure is not known (yet). */
export const unknown = '-';

/**
 * Text from strangers (uids, device names) made safe for one line of a terminal: no escape sequences, no control or
 * format characters (bidirectional overrides could rearrange the row), line ends as spaces, no lone surrogates.
 */
export function printable(text: string): string {
  if (isPlainAscii(text)) return text;
  return stripVTControlCharacters(text)
    .replace(/[\t\n\r\u2028\u2029]+/gu, ' ')
    .replace(/[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu, '')
    .toWellFormed();
}

function isPlainAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** Columns of a terminal that `text` takes: 2 for a CJK character. */
export function widthOf(text: string): number {
  return isPlainAscii(text) ? text.length : stringWidth(text);
}

/** Exactly `width` columns: cut with `…` between graphemes, or filled up with spaces on the side away from `align`. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left', ellipsis = '…'): string {
  if (width <= 0) return '';
  const cut = widthOf(text) > width ? cutTo(text, width, ellipsis) : text;
  const space = ' '.repeat(Math.max(0, width - widthOf(cut)));
  return align === 'left' ? cut + space : space + cut;
}

/** At most `width` columns. */
export function cutTo(text: string, width: number, ellipsis = '…'): string {
  if (widthOf(text) <= width) return text;
  const room = width - widthOf(ellipsis);
  if (room < 0) return '';
  if (isPlainAscii(text)) return text.slice(0, room) + ellipsis;
  let out = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    const next = used + stringWidth(segment);
    if (next > room) break;
    out += segment;
    used = next;
  }
  return out + ellipsis;
}

/** `0`, `999`, `12,345`, `999,999`, `1.23M`, `45.6G`: never more than 7 columns below 10^18. */
export function formatCount(count: number | undefined): string {
  if (count === undefined || !Number.isFinite(count)) return unknown;
  const whole = Math.round(count);
  if (Math.abs(whole) < 1_000_000) return whole.toString().replace(/\B(?=(\d{3})+$)/g, ',');
  return scaled(whole, 1000, ['', 'k', 'M', 'G', 'T', 'P']);
}

/** A rate per second: one decimal below 10, so that a trickle does not look like silence. */
export function formatRate(perSecond: number | undefined): string {
  if (perSecond === undefined || !Number.isFinite(perSecond)) return unknown;
  if (perSecond === 0) return '0';
  if (perSecond < 0.05) return '<0.1';
  return perSecond < 9.95 ? perSecond.toFixed(1) : formatCount(perSecond);
}

/** Powers of 1024: `0 B`, `512 B`, `1.5 KiB`, `123 MiB`. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined || !Number.isFinite(bytes)) return unknown;
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  return scaled(bytes, 1024, [' B', ' KiB', ' MiB', ' GiB', ' TiB', ' PiB']);
}

/** `0.4 ms`, `12 ms`, `3.2 s`. */
export function formatMs(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return unknown;
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 9.95 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** Two units at most: `7s`, `4m12s`, `3h05m`, `2d04h`, `400d`. */
export function formatAge(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return unknown;
  const total = Math.max(0, Math.floor(seconds));
  const two = (n: number) => n.toString().padStart(2, '0');
  if (total < 60) return `${total}s`;
  if (total < 3600) return `${Math.floor(total / 60)}m${two(total % 60)}s`;
  if (total < 86_400) return `${Math.floor(total / 3600)}h${two(Math.floor((total % 3600) / 60))}m`;
  const days = Math.floor(total / 86_400);
  return days < 100 ? `${days}d${two(Math.floor((total % 86_400) / 3600))}h` : `${days}d`;
}

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

function scaled(value: number, base: number, units: readonly string[]): string {
  let scaledValue = value;
  let unit = 0;
  while (Math.abs(scaledValue) >= base * 0.9995 && unit < units.length - 1) {
    scaledValue /= base;
    unit++;
  }
  const digits = Math.abs(scaledValue) < 9.995 ? 2 : Math.abs(scaledValue) < 99.95 ? 1 : 0;
  return `${scaledValue.toFixed(digits)}${units[unit]}`;
}
