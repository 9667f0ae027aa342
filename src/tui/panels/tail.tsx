import { sanitizeLine } from '../../util/control-characters.ts';
import { nameOfSubject } from '../columns/subjects.ts';
import { placeColumns } from '../draw/table.ts';
import { firstLine } from '../state/move.ts';
import type { PanelProps } from './header.tsx';
import { List } from './list.tsx';
import { notWhilePaused } from './rows.tsx';

/** The messages of one row, live, the newest first. */
export function Tail({ theme, snapshot, state, layout, columns }: PanelProps) {
  const { entries, error, link } = snapshot.copies;
  const end = entries.length - firstLine(state, entries.length, layout.listRows);
  const rows = entries.slice(Math.max(0, end - layout.listRows), Math.max(0, end)).toReversed();
  const nobody = state.tailOf ? sanitizeLine(nameOfSubject(state.tailOf)) : 'it';
  const isUnseen = state.isPaused && link === 'closed';
  const empty = isUnseen ? notWhilePaused : link === 'connecting' ? 'asking' : `no message of ${nobody} yet`;
  return (
    <List
      theme={theme}
      width={state.size.columns}
      height={layout.listRows}
      placed={placeColumns(columns.messages, layout.listColumns)}
      rows={rows}
      keyOf={(row) => String(row.number)}
      selected={-1}
      sort={{ by: undefined, descending: false }}
      empty={error === undefined ? empty : sanitizeLine(error)}
    />
  );
}
