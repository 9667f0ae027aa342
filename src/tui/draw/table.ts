import { fit, widthOf } from '../../util/text-width.ts';
import type { Tone } from './theme.ts';

export interface Column<Row> {
  /** Also the name to sort by. */
  readonly id: string;
  readonly title: string;
  /** Least width in terminal columns. */
  readonly width: number;
  /** A flexible column grows up to this where there is room. */
  readonly maxWidth?: number;
  readonly align: 'left' | 'right';
  /** 1 is always shown; where the terminal is narrow, the highest numbers go first. */
  readonly priority: number;
  readonly isSortable: boolean;
  /** A picture of figures that stand elsewhere. */
  readonly isDrawn?: true;
  /** `rows`: all that are on the screen with it. */
  readonly text: (row: Row, width: number, rows: readonly Row[]) => string;
  readonly tone?: (row: Row) => Tone | undefined;
}

export interface PlacedColumn<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

const gap = 1;

/** Chooses the columns that fit into `width`, in their own order, and shares what is left among the flexible ones. */
export function placeColumns<Row>(columns: readonly Column<Row>[], width: number): readonly PlacedColumn<Row>[] {
  const chosen = new Set<Column<Row>>();
  let used = -gap;
  for (const column of columns.toSorted((a, b) => a.priority - b.priority)) {
    if (used + gap + column.width > width && chosen.size > 0) break;
    chosen.add(column);
    used += gap + column.width;
  }
  const widths = new Map([...chosen].map((column) => [column, column.width]));
  let spare = width - used;
  while (spare > 0) {
    const growing = columns.filter((column) => (widths.get(column) ?? Infinity) < (column.maxWidth ?? 0));
    if (growing.length === 0) break;
    for (const column of growing.slice(0, spare)) {
      widths.set(column, (widths.get(column) ?? 0) + 1);
      spare--;
    }
  }
  return columns.filter((column) => chosen.has(column)).map((column) => ({ column, width: widths.get(column) ?? 0 }));
}

/** Every column as wide as its widest text: for a snapshot that nobody's terminal limits. */
export function measureColumns<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): readonly PlacedColumn<Row>[] {
  return columns.map((column) => ({
    column,
    width: rows.reduce(
      (widest, row) => Math.max(widest, widthOf(column.text(row, column.width, rows))),
      widthOf(column.title),
    ),
  }));
}

export interface Cell {
  readonly text: string;
  readonly tone: Tone | undefined;
}

/** The cells of one of `rows`, each exactly as wide as its column; join them with one space. */
export function cellsOf<Row>(
  placed: readonly PlacedColumn<Row>[],
  row: Row,
  rows: readonly Row[],
  ellipsis?: string,
): readonly Cell[] {
  return placed.map(({ column, width }) => ({
    text: fit(column.text(row, width, rows), width, column.align, ellipsis),
    tone: column.tone?.(row),
  }));
}

/** The title line's cells; the sorted column carries `mark`. */
export function titlesOf<Row>(placed: readonly PlacedColumn<Row>[], sortedBy?: string, mark = ''): readonly string[] {
  return placed.map(({ column, width }) => {
    const isSorted = column.id === sortedBy;
    return fit(isSorted ? column.title + mark : column.title, width, column.align, '');
  });
}
