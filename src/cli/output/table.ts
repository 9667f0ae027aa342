import { sanitizeLine } from '../../util/control-characters.ts';
import { fit, widthOf } from '../../util/text-width.ts';

export interface Column<T> {
  readonly header: string;
  readonly cell: (row: T) => string;
  readonly align?: 'right';
  /** Where the terminal is too narrow, the column with the highest number goes first; absent: it never goes. */
  readonly priority?: number;
  /** Where it says nothing about these rows it is the first to go, whatever its priority; absent: it always says something. */
  readonly isTelling?: (rows: readonly T[]) => boolean;
  /** It may be cut to so many columns, with `…`; absent: it is never cut, as an id that must be copied whole. */
  readonly least?: number;
}

export interface TableOptions {
  /** Columns of the terminal; undefined: nothing is cut. */
  readonly width?: number | undefined;
  readonly bold?: ((text: string) => string) | undefined;
}

export interface RenderedTable {
  readonly lines: readonly string[];
  /** Columns there was no room for. */
  readonly hidden: number;
}

const gap = '  ';

/**
 * Lines of a table without rules, each row on one. Where it is wider than the terminal, whole columns are left out and
 * then the widest give way, as `priority` and `least` allow; wide (CJK) characters count two. Cells are sanitized.
 */
export function renderTable<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  options: TableOptions = {},
): RenderedTable {
  const all = columns.map((column): Measured => {
    const cells = rows.map((row) => sanitizeLine(column.cell(row)));
    const priority = column.isTelling?.(rows) === false ? Number.POSITIVE_INFINITY : (column.priority ?? 0);
    return { column, priority, cells, width: Math.max(widthOf(column.header), ...cells.map(widthOf)) };
  });
  const shown = options.width === undefined ? all : shrink(withoutTheLeast(all, options.width), options.width);
  const line = (textOf: (measured: Measured) => string) =>
    shown
      .map((each) => fit(textOf(each), each.width, each.column.align))
      .join(gap)
      .trimEnd();
  const head = line(({ column }) => column.header);
  const body = rows.map((_, index) => line(({ cells }) => cells[index] ?? ''));
  return { lines: [options.bold?.(head) ?? head, ...body], hidden: all.length - shown.length };
}

interface Measured {
  readonly column: Omit<Column<never>, 'cell' | 'priority' | 'isTelling'>;
  readonly priority: number;
  readonly cells: readonly string[];
  readonly width: number;
}

/** Leaves columns out until the rest can be made to fit, or all of the rest must stay. */
function withoutTheLeast(columns: readonly Measured[], width: number): readonly Measured[] {
  if (totalOf(columns.map(leastOf)) <= width) return columns;
  const priority = Math.max(...columns.map((each) => each.priority));
  if (priority === 0) return columns;
  const last = columns.findLastIndex((each) => each.priority === priority);
  return withoutTheLeast(columns.toSpliced(last, 1), width);
}

/** Takes from the widest column that may give, one by one, until all fit or none can give more. */
function shrink(columns: readonly Measured[], width: number): readonly Measured[] {
  const widths = columns.map((each) => each.width);
  for (let excess = totalOf(widths) - width; excess > 0; excess--) {
    const giving = columns.map((each, at) => ((widths[at] ?? 0) > leastOf(each) ? (widths[at] ?? 0) : 0));
    const widest = Math.max(...giving);
    if (widest === 0) break;
    widths[giving.indexOf(widest)] = widest - 1;
  }
  return columns.map((each, at) => ({ ...each, width: widths[at] ?? 0 }));
}

function leastOf({ column, width }: Measured): number {
  return Math.min(width, column.least === undefined ? width : Math.max(column.least, widthOf(column.header)));
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, 0) + gap.length * (widths.length - 1);
}
