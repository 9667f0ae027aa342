import type { SnapshotListKind, SnapshotRows } from '../../api/snapshot.ts';
import type { Snapshot } from '../feed/snapshot.ts';
import { isAskedFor, parseMessageFilter } from '../state/message-filter.ts';
import { type ListState, listOf, type View, type ViewState } from '../state/view-state.ts';
import type { LocalColumn } from './column-kit.ts';
import type { RowOf, ViewColumns } from './columns.ts';
import type { MessageRow } from './message-columns.ts';
import type { NodeColumn, NodeRow } from './node-columns.ts';
import { nameOfQueue, type QueueRow } from './queue-columns.ts';

type RowsOf = {
  readonly [V in View]: (snapshot: Snapshot, state: ViewState, columns: ViewColumns) => readonly RowOf[V][];
};
type KeyOf = { readonly [V in View]: (row: RowOf[V]) => string };

const rowsOfView: RowsOf = {
  nodes: (snapshot, { lists }, columns) => nodeRows(snapshot, lists.nodes, columns.nodes),
  clients: (snapshot, state) => pageRows(snapshot, state, 'connections'),
  slow: (snapshot, state) => pageRows(snapshot, state, 'connections'),
  groups: (snapshot, state) => pageRows(snapshot, state, 'groups'),
  systems: (snapshot, state) => pageRows(snapshot, state, 'systems'),
  messages: (snapshot, state, columns) => messageRows(snapshot, state, columns),
  events: (snapshot, { lists }, columns) =>
    localRows(snapshot.events.entries.toReversed(), lists.events, columns.events),
  queues: (snapshot, { lists }, columns) => localRows(queuesOf(snapshot), lists.queues, columns.queues),
};

const keyOfView: KeyOf = {
  nodes: (row) => row.node,
  clients: (row) => row.cid,
  slow: (row) => row.cid,
  groups: (row) => JSON.stringify([row.system, row.group]),
  systems: (row) => row.system,
  messages: (row) => String(row.number),
  events: (row) => String(row.number),
  queues: (row) => JSON.stringify([row.node, row.way, nameOfQueue(row)]),
};

/** The rows of a view, filtered and in order: all of them, or of a list of the server the page on the screen. */
export function rowsOf<V extends View>(
  view: V,
  snapshot: Snapshot,
  state: ViewState,
  columns: ViewColumns,
): readonly RowOf[V][] {
  return rowsOfView[view](snapshot, state, columns);
}

/** What a row is known by while others come and go. */
export function keyOf<V extends View>(view: V, row: RowOf[V]): string {
  return keyOfView[view](row);
}

/** The row whose details or JSON are shown; undefined where it is gone. */
export function openRow<V extends View>(
  view: V,
  snapshot: Snapshot,
  state: ViewState,
  columns: ViewColumns,
): RowOf[V] | undefined {
  return rowsOf(view, snapshot, state, columns).find((row) => keyOf(view, row) === state.openKey);
}

/** The nodes to list: there are few, and all of them are in every snapshot. */
export function nodeRows(snapshot: Snapshot, list: ListState, columns: readonly NodeColumn[]): readonly NodeRow[] {
  const wanted = list.filter.toLowerCase();
  const rows: NodeRow[] = [
    ...snapshot.nodes.map((sample): NodeRow => ({ kind: 'answered', node: sample.stats.node, sample })),
    ...(snapshot.stats?.missingNodes ?? []).map((node): NodeRow => ({ kind: 'missing', node })),
  ].filter((row) => searchable(row).some((text) => text.toLowerCase().includes(wanted)));
  return sortRows(rows, list, columns, (a, b) => compare(a.node, b.node));
}

function searchable(row: NodeRow): readonly string[] {
  return row.kind === 'missing' ? [row.node] : [row.node, row.sample.stats.state, ...row.sample.stats.addresses];
}

/** What the nodes were asked for, and of it what has every word that they were not asked for. A recording is as it was asked then. */
function messageRows(
  { copies, recording }: Snapshot,
  { lists }: ViewState,
  columns: ViewColumns,
): readonly MessageRow[] {
  const { query, words } = parseMessageFilter(lists.messages.filter);
  const all = copies.entries.toReversed();
  const asked = recording === undefined ? all : all.filter(({ item }) => isAskedFor(item, query));
  return localRows(asked, { ...lists.messages, filter: words }, columns.messages);
}

/** Rows that are all here: those with every word of the filter in one of their columns. */
function localRows<Row>(rows: readonly Row[], list: ListState, columns: readonly LocalColumn<Row>[]): readonly Row[] {
  const words = list.filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const has = (row: Row, word: string) =>
    columns.some((column) => String(column.value(row)).toLowerCase().includes(word));
  const kept = words.length === 0 ? rows : rows.filter((row) => words.every((word) => has(row, word)));
  return sortRows(kept, list, columns, () => 0);
}

/** Ties, and rows that nothing sorts, stay in the order of `first`. */
function sortRows<Row>(
  rows: readonly Row[],
  { sort }: ListState,
  columns: readonly LocalColumn<Row>[],
  first: (a: Row, b: Row) => number,
): readonly Row[] {
  const column = columns.find(({ id }) => id === sort.by);
  const direction = sort.descending ? -1 : 1;
  if (!column) return sort.descending ? rows.toSorted(first).reverse() : rows.toSorted(first);
  return rows.toSorted((a, b) => direction * compare(column.value(a), column.value(b)) || first(a, b));
}

function compare(a: string | number, b: string | number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function queuesOf(snapshot: Snapshot): readonly QueueRow[] {
  return (snapshot.stats?.nodes ?? []).flatMap(({ node, doors = [], sinks = [] }) => [
    ...doors.map((door): QueueRow => ({ way: 'in', node, door })),
    ...sinks.map((sink): QueueRow => ({ way: 'out', node, sink })),
  ]);
}

/** The rows of the page that is there, top to bottom. */
function pageRows<K extends SnapshotListKind>(
  { list }: Snapshot,
  state: ViewState,
  kind: K,
): readonly SnapshotRows[K][] {
  const items = list?.kind === kind ? ((list.page?.items ?? []) as readonly SnapshotRows[K][]) : [];
  return listOf(state).page.fromEnd && state.openKey === undefined ? items.toReversed() : items;
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
