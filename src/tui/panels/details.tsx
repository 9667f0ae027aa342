import { Box } from 'ink';
import { fit } from '../../util/text-width.ts';
import { overlayDetails } from '../details.ts';
import type { PanelProps } from './header.tsx';
import { Line } from './line.tsx';

const labelWidth = 20;

/** Everything known of the row that was chosen. */
export function Details(props: PanelProps) {
  const { theme, snapshot, state, layout, columns } = props;
  const details = overlayDetails(snapshot, state, columns);
  return (
    <Box flexDirection="column" height={layout.listRows + 1}>
      {details.slice(state.scroll, state.scroll + layout.listRows + 1).map(([label, value]) => (
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
