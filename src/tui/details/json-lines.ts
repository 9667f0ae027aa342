import { sanitizeLine } from '../../util/control-characters.ts';
import type { ViewColumns } from '../columns/columns.ts';
import { openRow } from '../columns/rows.ts';
import type { Snapshot } from '../feed/snapshot.ts';
import type { ViewState } from '../state/view-state.ts';

/** The open row as the admin API tells it, in lines that are safe to print; empty where it is gone. */
export function jsonLines(snapshot: Snapshot, state: ViewState, columns: ViewColumns): readonly string[] {
  const row = openRow(state.view, snapshot, state, columns);
  return row === undefined ? [] : JSON.stringify(apiForm(row), null, 2).split('\n').map(sanitizeLine);
}

function apiForm(row: object): unknown {
  if ('sample' in row) return (row.sample as { readonly stats: unknown }).stats;
  if ('item' in row) return row.item;
  if ('door' in row) return row.door;
  return 'sink' in row ? row.sink : row;
}
