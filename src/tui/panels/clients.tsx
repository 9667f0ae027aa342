import { sanitizeLine } from '../../util/control-characters.ts';
import { clientColumns } from '../client-columns.ts';
import { clientRows } from '../rows.ts';
import { placeColumns } from '../table.ts';
import { selectedIndex } from '../view-state.ts';
import type { PanelProps } from './header.tsx';
import { List } from './list.tsx';

export function Clients({ theme, snapshot, state, layout }: PanelProps) {
  const list = state.lists.clients;
  const rows = clientRows(snapshot, state).slice(0, layout.listRows);
  return (
    <List
      theme={theme}
      width={state.size.columns}
      height={layout.listRows}
      placed={placeColumns(clientColumns, layout.listColumns)}
      rows={rows}
      keyOf={(row) => row.cid}
      selected={selectedIndex(
        list,
        rows.map((row) => row.cid),
      )}
      sort={list.sort}
      empty={emptyText(snapshot.clients, list.filter)}
    />
  );
}

function emptyText(clients: PanelProps['snapshot']['clients'], filter: string): string {
  if (clients?.error !== undefined) return sanitizeLine(clients.error);
  if (!clients?.page) return 'asking';
  return filter === '' ? 'no client is connected' : 'no client matches the filter';
}
