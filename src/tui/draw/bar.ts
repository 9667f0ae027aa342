/** The last of them fills a cell, those before it a growing part of one. */
export const barLevels = { unicode: '▏▎▍▌▋▊▉█', ascii: '#' } as const;

/** `value` of `most` as a bar of at most `width` columns; anything above nothing is seen. */
export function bar(value: number, most: number, width: number, levels: string): string {
  if (value <= 0 || most <= 0 || width <= 0) return '';
  const steps = levels.length;
  const filled = Math.max(1, Math.min(width * steps, Math.round((value / most) * width * steps)));
  const part = filled % steps;
  return levels.slice(-1).repeat(Math.floor(filled / steps)) + (part > 0 ? levels.charAt(part - 1) : '');
}

/** The largest value that rows on the screen have: what their bars are measured by. */
export function mostOf<Row>(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((most, row) => Math.max(most, of(row)), 0);
}
