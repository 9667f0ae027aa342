import type { Columns, ViewColumns } from './columns/columns.ts';
import { keyOf, rowsOf } from './columns/rows.ts';
import { subjectOf } from './columns/subjects.ts';
import { overlayDetails } from './details/details.ts';
import { jsonLines } from './details/json-lines.ts';
import type { Column } from './draw/table.ts';
import { placeColumns } from './draw/table.ts';
import type { Snapshot } from './feed/snapshot.ts';
import { helpLines } from './state/help-lines.ts';
import { layoutFor } from './state/layout.ts';
import { listKindOf } from './state/list-query.ts';
import { type ListFacts, listOf, selectedIndex, type ViewState } from './state/view-state.ts';

/** What moving about needs to know of the rows now on the screen. `isCurrent`: they answer the query the state asks. */
export function factsOf(snapshot: Snapshot, state: ViewState, all: Columns, isCurrent: boolean): ListFacts {
  const layout = layoutFor(state.size);
  if (layout === 'too-small') return { keys: [], height: 0, sortable: [] };
  const { view } = state;
  const columns = all[state.figures];
  const rows = rowsOf(view, snapshot, state, columns);
  const keys = rows.map((row) => keyOf(view, row));
  const selected = rows[state.openKey === undefined ? selectedIndex(listOf(state), keys) : keys.indexOf(state.openKey)];
  const isPaged = listKindOf(view) !== undefined;
  const cursor = isPaged && isCurrent ? snapshot.list?.page?.cursor : undefined;
  const sortable = placeColumns(columns[view] as readonly Column<never>[], layout.listColumns)
    .filter(({ column }) => column.isSortable)
    .map(({ column }) => ({ id: column.id, isFigure: column.align === 'right' }));
  return {
    keys,
    height: layout.listRows,
    sortable,
    isPaged,
    ...(cursor !== undefined && { next: { cursor, rows: rows.length } }),
    subject: state.overlay === 'tail' ? state.tailOf : selected && subjectOf(view, selected),
    lines: overlayLines(snapshot, state, columns),
    saveName: saveName(snapshot),
  };
}

const titleLines = 1;

/** Lines of the overlay that is open, of which the screen may show a part. */
export function overlayLines(snapshot: Snapshot, state: ViewState, columns: ViewColumns): number {
  switch (state.overlay) {
    case 'none':
      return 0;
    case 'help':
      return helpLines(state.size).length;
    case 'details':
      return overlayDetails(snapshot, state, columns).length;
    case 'json':
      return jsonLines(snapshot, state, columns).length;
    case 'tail':
      return titleLines + snapshot.copies.entries.length;
  }
}

/** `yunque-20260301-140322.json`, the moment of the answer shown. */
function saveName({ stats }: Snapshot): string {
  const moment = stats ? new Date(stats.time).toLocaleString('sv-SE').replace(/[-:]/g, '').replace(' ', '-') : 'empty';
  return `yunque-${moment}.json`;
}
