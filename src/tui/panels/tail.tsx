import { messageColumns } from '../message-columns.ts';
import { nameOfSubject } from '../subjects.ts';
import { placeColumns } from '../table.ts';
import type { PanelProps } from './header.tsx';
import { List } from './list.tsx';

/** The messages of one row, live, the newest first. */
export function Tail({ theme, snapshot, state, layout }: PanelProps) {
  const { entries, error } = snapshot.copies;
  const rows = entries.toReversed().slice(state.scroll, state.scroll + layout.listRows);
  return (
    <List
      theme={theme}
      width={state.size.columns}
      height={layout.listRows}
      placed={placeColumns(messageColumns, layout.listColumns)}
      rows={rows}
      keyOf={(row) => String(row.number)}
      selected={-1}
      sort={{ by: undefined, descending: false }}
      empty={error ?? `no message of ${state.tailOf ? nameOfSubject(state.tailOf) : 'it'} yet`}
    />
  );
}
