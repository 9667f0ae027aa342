import { sanitizeLine } from '../../util/control-characters.ts';
import { formatExact } from '../../util/figures.ts';
import type { Tone } from '../draw/theme.ts';

/** What is known of a row: what it is, and its value, safe to print and of any length. */
export type Detail = readonly [label: string, value: string, tone?: Tone | undefined];

/** The largest first, zeros left out. */
export function countsOf(counts: Readonly<Record<string, number | undefined>>): string {
  const some = Object.entries(counts).flatMap(([name, count = 0]) => (count > 0 ? [[name, count] as const] : []));
  if (some.length === 0) return 'none';
  return some
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${sanitizeLine(name)} ${formatExact(count)}`)
    .join(', ');
}
