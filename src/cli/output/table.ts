import { sanitizeLine } from '../../util/control-characters.ts';
import { fit, widthOf } from '../../util/text-width.ts';

export interface Column<T> {
  readonly header: string;
  readonly cell: (row: T) => string;
  readonly align?: 'right';
}

export interface TableOptions {
  /** Columns of the terminal; undefined: nothing is cut. */
  readonly width?: number | undefined;
  readonly bold?: ((text: string) => string) | undefined;
}

const gap = '  ';
const narrowest = 5;

/**
 * Lines of a table without rules, each row on one. Where it is wider than the terminal, the widest columns give way,
 * cut with `…`; wide (CJK) characters count two. Cells are sanitized.
 */
export function renderTable<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  options: TableOptions = {},
): string[] {
  const cells = rows.map((row) => columns.map(({ cell }) => sanitizeLine(cell(row))));
  const headers = columns.map(({ header }) => header);
  const wanted = headers.map((header, index) =>
    Math.max(widthOf(header), ...cells.map((line) => widthOf(line[index] ?? ''))),
  );
  const widths = options.width === undefined ? wanted : shrink(wanted, options.width);
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => fit(text, widths[index] ?? 0, columns[index]?.align))
      .join(gap)
      .trimEnd();
  const head = line(headers);
  return [options.bold?.(head) ?? head, ...cells.map(line)];
}

/** Takes from the widest column, one by one, until all fit or none can give more. */
function shrink(wanted: readonly number[], width: number): number[] {
  const widths = [...wanted];
  let excess = widths.reduce((sum, each) => sum + each, 0) + gap.length * (widths.length - 1) - width;
  for (; excess > 0; excess--) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}
