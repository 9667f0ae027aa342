import type { ConnectionInfo, ListQuery } from '../api/listing.ts';
import { clientColumns } from './client-columns.ts';
import { parseClientFilter } from './filter.ts';
import { layoutFor } from './layout.ts';
import type { NodeColumn, NodeRow } from './node-columns.ts';
import { cursorOf } from './paging.ts';
import type { Snapshot } from './snapshot.ts';
import { placeColumns } from './table.ts';
import type { ListFacts, ListState, ViewState } from './view-state.ts';

/** The nodes to list, filtered and sorted here: there are few, and all of them are in every snapshot. */
export function nodeRows(snapshot: Snapshot, list: ListState, columns: readonly NodeColumn[]): readonly NodeRow[] {
  const wanted = list.filter.toLowerCase();
  const rows: NodeRow[] = [
    ...snapshot.nodes.map((sample): NodeRow => ({ kind: 'answered', node: sample.stats.node, sample })),
    ...(snapshot.stats?.missingNodes ?? []).map((node): NodeRow => ({ kind: 'missing', node })),
  ].filter((row) => searchable(row).some((text) => text.toLowerCase().includes(wanted)));
  const value = columns.find((column) => column.id === list.sort.by)?.value ?? ((row: NodeRow) => row.node);
  const direction = list.sort.descending ? -1 : 1;
  return rows.sort((a, b) => direction * compare(value(a), value(b)) || compare(a.node, b.node));
}

function searchable(row: NodeRow): readonly string[] {
  return row.kind === 'missing' ? [row.node] : [row.node, row.sample.stats.state, ...row.sample.stats.addresses];
}

function compare(a: string | number, b: string | number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The part of `rows` on the screen: pages of `height`, the one with the selected row. */
export function pageOf<Row>(
  rows: readonly Row[],
  selected: number,
  height: number,
): { readonly start: number; readonly rows: readonly Row[] } {
  const start = height > 0 ? Math.floor(selected / height) * height : 0;
  return { start, rows: rows.slice(start, start + height) };
}

/** The client rows on the screen, top to bottom. */
export function clientRows(snapshot: Snapshot, state: ViewState): readonly ConnectionInfo[] {
  const items = snapshot.clients?.page?.items ?? [];
  return state.page.fromEnd && state.overlay !== 'details' ? items.toReversed() : items;
}

/** The page of clients the screen needs; undefined where it shows none. `system`: only this one's. */
export function clientQuery(state: ViewState, system: string | undefined): ListQuery | undefined {
  const layout = layoutFor(state.size);
  if (state.view !== 'clients' || layout === 'too-small') return undefined;
  const scope = system === undefined ? {} : { system };
  if (state.overlay === 'details' && state.detailsOf !== undefined) {
    return { ...scope, where: [{ field: 'cid', op: '=', value: state.detailsOf }], limit: 1 };
  }
  const { filter, sort } = state.lists.clients;
  const cursor = cursorOf(state.page);
  // An age grows between two pages and would shift them; the moment it began does not.
  const isAge = sort.by === 'ageSeconds';
  const isDescending = (sort.descending !== isAge) !== state.page.fromEnd;
  return {
    ...scope,
    ...parseClientFilter(filter),
    ...(sort.by !== undefined && { sort: isAge ? 'connectedAt' : sort.by }),
    ...(isDescending && { descending: true }),
    limit: layout.listRows,
    ...(cursor !== undefined && { cursor }),
  };
}

/** What moving about needs to know of the rows now on the screen. `isCurrent`: they answer the query the state asks. */
export function factsOf(
  snapshot: Snapshot,
  state: ViewState,
  nodeColumns: readonly NodeColumn[],
  isCurrent: boolean,
): ListFacts {
  const layout = layoutFor(state.size);
  if (layout === 'too-small') return { keys: [], height: 0, sortable: [] };
  const columns = state.view === 'nodes' ? nodeColumns : clientColumns;
  const sortable = placeColumns<never>(columns, layout.listColumns)
    .filter(({ column }) => column.isSortable)
    .map(({ column }) => ({ id: column.id, isFigure: column.align === 'right' }));
  const height = layout.listRows;
  if (state.view === 'nodes') {
    return { keys: nodeRows(snapshot, state.lists.nodes, nodeColumns).map((row) => row.node), height, sortable };
  }
  const rows = clientRows(snapshot, state);
  const cursor = snapshot.clients?.page?.cursor;
  const next = isCurrent && cursor !== undefined ? { cursor, rows: rows.length } : undefined;
  return { keys: rows.map((row) => row.cid), height, sortable, ...(next && { next }) };
}

/** The node whose details are shown. */
export function selectedNode(snapshot: Snapshot, state: ViewState): Snapshot['nodes'][number] | undefined {
  return snapshot.nodes.find((sample) => sample.stats.node === state.detailsOf);
}
