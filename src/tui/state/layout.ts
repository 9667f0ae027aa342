import type { Size } from './view-state.ts';

/** How the screen is divided: header, tabs, column titles, rows, status, key hints, from top to bottom. */
export interface Layout {
  /** 2: verdict and counts; 5: traffic too; 7: with its past two lines high. */
  readonly headerRows: 2 | 5 | 7;
  readonly listRows: number;
  /** Columns left for a row's cells beside the selection mark. */
  readonly listColumns: number;
}

export const leastSize: Size = { columns: 60, rows: 10 };

/** Below this the header gives up traffic for rows. */
const trafficFrom = 16;

const tallFrom = 36;

/** Lines that are always there: tabs, titles, status, hints. */
const fixedRows = 4;

/** Marks the selected row, at the left edge. */
export const markWidth = 2;

export function layoutFor(size: Size): Layout | 'too-small' {
  if (size.columns < leastSize.columns || size.rows < leastSize.rows) return 'too-small';
  const headerRows = size.rows >= tallFrom ? 7 : size.rows >= trafficFrom ? 5 : 2;
  return { headerRows, listRows: size.rows - headerRows - fixedRows, listColumns: size.columns - markWidth };
}
