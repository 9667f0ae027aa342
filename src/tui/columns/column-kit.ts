import { sanitizeLine } from '../../util/control-characters.ts';
import { bar, mostOf } from '../draw/bar.ts';
import type { Column } from '../draw/table.ts';

/** A column of rows that are sorted here, not by the server. */
export interface LocalColumn<Row> extends Column<Row> {
  /** What rows are sorted by. */
  readonly value: (row: Row) => string | number;
}

/** Of text from elsewhere: it is made printable. */
export function textColumn<Row>(
  column: Pick<Column<Row>, 'id' | 'title' | 'width' | 'priority'> & Partial<Column<Row>>,
  of: (row: Row) => string,
): LocalColumn<Row> {
  return { align: 'left', isSortable: true, ...column, text: (row) => sanitizeLine(of(row)), value: of };
}

export function figureColumn<Row, Figure extends number | undefined>(
  column: Pick<Column<Row>, 'id' | 'title' | 'width' | 'priority'> & Partial<Column<Row>>,
  of: (row: Row) => Figure,
  format: (figure: Figure) => string,
): LocalColumn<Row> {
  return {
    align: 'right',
    isSortable: true,
    ...column,
    text: (row) => format(of(row)),
    value: (row) => of(row) ?? Number.NEGATIVE_INFINITY,
  };
}

/** `● serving`; without a mark only the word. */
export function marked(mark: string, word: string): string {
  return mark === '' ? word : `${mark} ${word}`;
}

/** Bars to compare the rows on the screen by. */
export function barColumn<Row>(
  column: Pick<Column<Row>, 'id' | 'title' | 'width' | 'priority'> & Partial<Column<Row>>,
  of: (row: Row) => number,
  levels: string,
): LocalColumn<Row> {
  return {
    align: 'left',
    isSortable: false,
    isDrawn: true,
    ...column,
    text: (row, width, rows) => bar(of(row), mostOf(rows, of), width, levels),
    value: of,
  };
}
