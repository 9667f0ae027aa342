import { Box } from 'ink';
import { jsonLines } from '../json-lines.ts';
import type { PanelProps } from './header.tsx';
import { Line } from './line.tsx';

/** The row as JSON. */
export function Json({ theme, snapshot, state, layout, columns }: PanelProps) {
  const lines = jsonLines(snapshot, state, columns);
  const shown = lines.slice(state.scroll, state.scroll + layout.listRows + 1);
  return (
    <Box flexDirection="column" height={layout.listRows + 1}>
      {(lines.length === 0 ? ['it is gone; Esc goes back'] : shown).map((line, index) => (
        // Lines have no identity but their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Line key={index} theme={theme} width={state.size.columns} segments={[[`  ${line}`]]} />
      ))}
    </Box>
  );
}
