import { fit } from '../../util/text-width.ts';
import { labelWidth, overlayDetails } from '../details/details.ts';
import { firstLine } from '../state/move.ts';
import type { PanelProps } from './header.tsx';
import { Lines, type Segment } from './line.tsx';

/** Everything known of the row that was chosen. */
export function Details({ theme, snapshot, state, layout, columns }: PanelProps) {
  const height = layout.listRows + 1;
  const all = overlayDetails(snapshot, state, columns);
  const first = firstLine(state, all.length, height);
  const lines = all.slice(first, first + height).map(([label, value, tone]): readonly Segment[] => [
    [`  ${fit(label, labelWidth)}`, 'muted'],
    [value, tone],
  ]);
  return <Lines theme={theme} width={state.size.columns} height={height} lines={lines} />;
}
