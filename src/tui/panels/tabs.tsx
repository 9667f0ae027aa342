import { formatCount } from '../../util/figures.ts';
import { widthOf } from '../../util/text-width.ts';
import { totalsOf } from '../snapshot.ts';
import { type View, views } from '../view-state.ts';
import type { PanelProps } from './header.tsx';
import { Line, type Segment } from './line.tsx';

/** Which view is open, on the line that parts the header from it. */
export function Tabs({ theme, snapshot, state }: PanelProps) {
  const totals = totalsOf(snapshot);
  const counts: Readonly<Partial<Record<View, number>>> = {
    nodes: totals.nodesExpected,
    clients: totals.connections,
    slow: totals.slowClients,
  };
  const { rule } = theme.glyphs;
  const tabs = views.flatMap((view, index): Segment[] => {
    const isOpen = view === state.view;
    return [
      [rule.repeat(2), 'muted'],
      [
        ` ${index + 1} ${view} ${counts[view] === undefined ? '' : `${formatCount(counts[view])} `}`,
        isOpen ? 'selected' : undefined,
      ],
    ];
  });
  const overlay: readonly Segment[] =
    state.overlay === 'none'
      ? []
      : [
          [rule.repeat(2), 'muted'],
          [` ${state.overlay} `, 'title'],
        ];
  const used = [...tabs, ...overlay].reduce((total, [text]) => total + widthOf(text), 0);
  const rest: Segment = [rule.repeat(Math.max(0, state.size.columns - used)), 'muted'];
  return <Line theme={theme} width={state.size.columns} segments={[...tabs, ...overlay, rest]} />;
}
