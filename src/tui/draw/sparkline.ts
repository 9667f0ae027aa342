import type { Point } from '../feed/snapshot.ts';

export const sparkLevels = { unicode: '▁▂▃▄▅▆▇█', ascii: '_.-=*#' } as const;

/**
 * The last `width` points, newest at the right, scaled from 0 to the highest of them. A gap is a space; a series shorter
 * than `width` is filled with spaces on the left, so that time always runs at the same pace. Zero is the lowest level and
 * anything above zero at least the second, so that a trickle differs from silence.
 */
export function sparkline(points: readonly Point[], width: number, levels: string = sparkLevels.unicode): string {
  if (width <= 0) return '';
  const shown = points.slice(-width);
  const peak = peakOf(shown);
  const drawn = shown
    .map((point) => (point === undefined ? ' ' : levels[levelOf(point, peak, levels.length)]))
    .join('');
  return drawn.padStart(width);
}

function levelOf(point: number, peak: number, levels: number): number {
  if (point <= 0 || peak <= 0) return 0;
  return Math.max(1, Math.min(levels - 1, Math.ceil((point / peak) * (levels - 1))));
}

/** The same, two lines high: the upper one, and the lower. */
export function tallSparkline(
  points: readonly Point[],
  width: number,
  levels: string = sparkLevels.unicode,
): readonly [upper: string, lower: string] {
  if (width <= 0) return ['', ''];
  const shown = points.slice(-width);
  const peak = peakOf(shown);
  const lines = ['', ''] as [string, string];
  for (const point of shown) {
    const level = point === undefined ? undefined : levelOf(point, peak, 2 * levels.length);
    const isHigh = level !== undefined && level >= levels.length;
    lines[0] += isHigh ? levels[level - levels.length] : ' ';
    lines[1] += level === undefined ? ' ' : isHigh ? levels.slice(-1) : levels[level];
  }
  return [lines[0].padStart(width), lines[1].padStart(width)];
}

/** The highest of them, 0 where there are none. */
export function peakOf(points: readonly Point[]): number {
  return points.reduce<number>((highest, point) => Math.max(highest, point ?? 0), 0);
}
