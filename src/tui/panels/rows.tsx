import { sanitizeLine } from '../../util/control-characters.ts';
import type { RowOf } from '../columns.ts';
import { listKindOf } from '../list-query.ts';
import { keyOf, pageOf, rowsOf } from '../rows.ts';
import { type Column, placeColumns } from '../table.ts';
import { listOf, selectedIndex, type View } from '../view-state.ts';
import type { PanelProps } from './header.tsx';
import { List } from './list.tsx';

/** The list of the view that is open. */
export function Rows(props: PanelProps) {
  return <RowsOfView {...props} view={props.state.view} />;
}

function RowsOfView<V extends View>(props: PanelProps & { readonly view: V }) {
  const { theme, snapshot, state, layout, columns, view } = props;
  const all = rowsOf(view, snapshot, state, columns);
  const selected = selectedIndex(
    listOf(state),
    all.map((row) => keyOf(view, row)),
  );
  const page = pageOf(all, selected, layout.listRows);
  return (
    <List
      theme={theme}
      width={state.size.columns}
      height={layout.listRows}
      placed={placeColumns(columns[view] as readonly Column<RowOf[V]>[], layout.listColumns)}
      rows={page.rows}
      keyOf={(row) => keyOf(view, row)}
      selected={selected - page.start}
      sort={listOf(state).sort}
      empty={emptyText(props)}
    />
  );
}

const none = {
  nodes: ['no node has answered yet', 'no node matches the filter'],
  clients: ['no client is connected', 'no client matches the filter'],
  groups: ['there is no group', 'no group matches the filter'],
  systems: ['there is no system', 'no system matches the filter'],
  messages: ['no message yet', 'no message matches the filter'],
  slow: ['nobody reads too slowly', 'no slow client matches the filter'],
  events: ['no event yet', 'no event matches the filter'],
  queues: ['no node reads or writes a queue', 'no queue matches the filter'],
} as const satisfies Record<View, readonly [string, string]>;

function emptyText({ snapshot, state: { view, lists } }: PanelProps): string {
  const stream = view === 'messages' ? snapshot.copies : view === 'events' ? snapshot.events : undefined;
  const error = stream?.error ?? (listKindOf(view) ? snapshot.list?.error : undefined);
  if (error !== undefined) return sanitizeLine(error);
  if (listKindOf(view) ? !snapshot.list?.page : stream?.link === 'connecting') return 'asking';
  return none[view][lists[view].filter === '' ? 0 : 1];
}
