import { Box, Text, useInput, useStdin } from 'ink';
import { useSyncExternalStore } from 'react';
import { keyName } from './keys.ts';
import { layoutFor, leastSize } from './layout.ts';
import type { NodeColumn } from './node-columns.ts';
import { Clients } from './panels/clients.tsx';
import { Details } from './panels/details.tsx';
import { Footer } from './panels/footer.tsx';
import { Header } from './panels/header.tsx';
import { Help } from './panels/help.tsx';
import { Nodes } from './panels/nodes.tsx';
import { Tabs } from './panels/tabs.tsx';
import type { Frame, Session } from './session.ts';
import type { Theme } from './theme.ts';

interface TopProps {
  readonly session: Session;
  readonly theme: Theme;
  readonly nodeColumns: readonly NodeColumn[];
}

/** The dashboard: hands keys to the session and draws its frames. */
export function Top({ session, theme, nodeColumns }: TopProps) {
  const frame = useSyncExternalStore(session.subscribe, session.frame);
  const { isRawModeSupported } = useStdin();
  useInput((input, key) => session.press(keyName(input, key), input), { isActive: isRawModeSupported });
  return <Screen frame={frame} theme={theme} nodeColumns={nodeColumns} hasKeys={isRawModeSupported} />;
}

export interface ScreenProps {
  readonly frame: Frame;
  readonly theme: Theme;
  readonly nodeColumns: readonly NodeColumn[];
  readonly hasKeys: boolean;
}

/** One frame, exactly as large as the terminal. Pure. */
export function Screen({ frame: { snapshot, state }, theme, nodeColumns, hasKeys }: ScreenProps) {
  const { columns, rows } = state.size;
  const layout = layoutFor(state.size);
  if (layout === 'too-small') return <TooSmall columns={columns} rows={rows} />;
  const panel = { theme, snapshot, state, layout };
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Header {...panel} />
      <Tabs {...panel} />
      {state.overlay === 'help' && <Help {...panel} />}
      {state.overlay === 'details' && <Details {...panel} />}
      {state.overlay === 'none' && state.view === 'nodes' && <Nodes {...panel} columns={nodeColumns} />}
      {state.overlay === 'none' && state.view === 'clients' && <Clients {...panel} />}
      <Footer {...panel} hasKeys={hasKeys} />
    </Box>
  );
}

function TooSmall({ columns, rows }: { readonly columns: number; readonly rows: number }) {
  const needed = `${leastSize.columns}x${leastSize.rows}`;
  return (
    <Box width={columns} height={rows} overflow="hidden">
      <Text wrap="wrap">{`The terminal is too small: ${columns}x${rows}, and ${needed} is needed. Enlarge it, or press q.`}</Text>
    </Box>
  );
}
