import type { NodeColumn } from '../node-columns.ts';
import { nodeRows, pageOf } from '../rows.ts';
import { placeColumns } from '../table.ts';
import { selectedIndex } from '../view-state.ts';
import type { PanelProps } from './header.tsx';
import { List } from './list.tsx';

export function Nodes({
  theme,
  snapshot,
  state,
  layout,
  columns,
}: PanelProps & { readonly columns: readonly NodeColumn[] }) {
  const list = state.lists.nodes;
  const all = nodeRows(snapshot, list, columns);
  const selected = selectedIndex(
    list,
    all.map((row) => row.node),
  );
  const page = pageOf(all, selected, layout.listRows);
  return (
    <List
      theme={theme}
      width={state.size.columns}
      height={layout.listRows}
      placed={placeColumns(columns, layout.listColumns)}
      rows={page.rows}
      keyOf={(row) => row.node}
      selected={selected - page.start}
      sort={list.sort}
      empty={list.filter === '' ? 'no node has answered yet' : 'no node matches the filter'}
    />
  );
}
