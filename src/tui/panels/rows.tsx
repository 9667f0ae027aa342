import { sanitizeLine } from '../../util/control-characters.ts';
import { cutTo } from '../../util/text-width.ts';
import type { RowOf } from '../columns/columns.ts';
import { figuresOf, nameOfQueue, type QueueRow } from '../columns/queue-columns.ts';
import { keyOf, pageOf, rowsOf } from '../columns/rows.ts';
import { type Column, placeColumns } from '../draw/table.ts';
import { listKindOf } from '../state/list-query.ts';
import { listOf, selectedIndex, type View } from '../state/view-state.ts';
import type { PanelProps } from './header.tsx';
import type { Segment } from './line.tsx';
import { List } from './list.tsx';
import { nodeStrips } from './node-strips.ts';

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
      below={belowOf(props, page.rows)}
    />
  );
}

/** What there is to say of the rows where they leave room. */
function belowOf<V extends View>(
  { theme, state, layout, view }: PanelProps & { readonly view: V },
  rows: readonly RowOf[V][],
): readonly (readonly Segment[])[] {
  const room = layout.listRows - rows.length;
  if (view === 'nodes') return nodeStrips(rows as readonly RowOf['nodes'][], room, state.size.columns, theme);
  return view === 'queues' ? failureLines(rows as readonly QueueRow[], state.size.columns, theme) : [];
}

/** Why queues fail: too long for a column of a narrow terminal. */
function failureLines(
  rows: readonly QueueRow[],
  width: number,
  theme: PanelProps['theme'],
): readonly (readonly Segment[])[] {
  const failing = rows.flatMap((row): (readonly Segment[])[] => {
    const { failure } = figuresOf(row);
    if (failure === undefined) return [];
    const text = `  ${theme.glyphs.critical} ${sanitizeLine(`${nameOfQueue(row)} on ${row.node}: ${failure}`)}`;
    return [[[cutTo(text, width, theme.glyphs.ellipsis), 'bad']]];
  });
  return failing.length === 0 ? [] : [[], ...failing];
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

/** Of a stream that was not open when the screen was stopped. */
export const notWhilePaused = 'paused: nothing is shown that comes now';

function emptyText({ snapshot, state: { view, lists, isPaused } }: PanelProps): string {
  const stream = view === 'messages' ? snapshot.copies : view === 'events' ? snapshot.events : undefined;
  const error = stream?.error ?? (listKindOf(view) ? snapshot.list?.error : undefined);
  if (error !== undefined) return sanitizeLine(error);
  if (isPaused && stream?.link === 'closed') return notWhilePaused;
  if (listKindOf(view) ? !snapshot.list?.page : stream?.link === 'connecting') return 'asking';
  return none[view][lists[view].filter === '' ? 0 : 1];
}
