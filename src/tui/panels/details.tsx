import { Box } from 'ink';
import { fit } from '../../util/text-width.ts';
import { clientDetails, type Detail, nodeDetails } from '../details.ts';
import { clientRows, selectedNode } from '../rows.ts';
import type { PanelProps } from './header.tsx';
import { Line } from './line.tsx';

const labelWidth = 20;

/** Everything known of the row that was chosen. */
export function Details(props: PanelProps) {
  const { theme, state, layout } = props;
  const details = detailsOf(props);
  return (
    <Box flexDirection="column" height={layout.listRows + 1}>
      {details.slice(0, layout.listRows + 1).map(([label, value]) => (
        <Line
          key={label}
          theme={theme}
          width={state.size.columns}
          segments={[[`  ${fit(label, labelWidth)}`, 'muted'], [value]]}
        />
      ))}
    </Box>
  );
}

function detailsOf({ snapshot, state }: PanelProps): readonly Detail[] {
  if (state.view === 'nodes') {
    const node = selectedNode(snapshot, state);
    return node ? nodeDetails(node) : [['node', 'it does not answer; Esc goes back']];
  }
  const row = clientRows(snapshot, state).find(({ cid }) => cid === state.detailsOf);
  return row ? clientDetails(row) : [['client', 'it has left; Esc goes back']];
}
