import { Box, Text, useApp, useInput, usePaste, useStdin } from 'ink';
import { useSyncExternalStore } from 'react';
import type { Columns } from './columns/columns.ts';
import type { Theme } from './draw/theme.ts';
import { Details } from './panels/details.tsx';
import { Footer } from './panels/footer.tsx';
import { Header, type PanelProps } from './panels/header.tsx';
import { Help } from './panels/help.tsx';
import { Json } from './panels/json.tsx';
import { Rows } from './panels/rows.tsx';
import { Tabs } from './panels/tabs.tsx';
import { Tail } from './panels/tail.tsx';
import type { Frame, Session } from './session.ts';
import { keyName, suspendKey } from './state/keys.ts';
import { layoutFor, leastSize } from './state/layout.ts';

interface TopProps {
  readonly session: Session;
  readonly theme: Theme;
  readonly columns: Columns;
  /** Stands still until the shell has it go on. Absent: there is no shell to go to. */
  readonly stop?: (() => Promise<void>) | undefined;
}

/** The dashboard: hands keys to the session and draws its frames. */
export function Top({ session, theme, columns, stop }: TopProps) {
  const frame = useSyncExternalStore(session.subscribe, session.frame);
  const { isRawModeSupported } = useStdin();
  const { suspendTerminal } = useApp();
  const press = (name: string | undefined, text: string) => {
    // What went wrong with the terminal shows there, and the next key draws anew.
    if (name === suspendKey.key && stop) suspendTerminal(stop).catch(() => undefined);
    else session.press(name, text);
  };
  useInput((input, key) => press(keyName(input, key), input), { isActive: isRawModeSupported });
  usePaste((text) => session.paste(text), { isActive: isRawModeSupported });
  return <Screen frame={frame} theme={theme} columns={columns} hasKeys={isRawModeSupported} />;
}

export interface ScreenProps {
  readonly frame: Frame;
  readonly theme: Theme;
  readonly columns: Columns;
  readonly hasKeys: boolean;
}

/** One frame, exactly as large as the terminal. Pure. */
export function Screen({ frame: { snapshot, state }, theme, columns, hasKeys }: ScreenProps) {
  const { columns: width, rows: height } = state.size;
  const layout = layoutFor(state.size);
  if (layout === 'too-small') return <TooSmall columns={width} rows={height} />;
  const panel: PanelProps = { theme, snapshot, state, layout, columns: columns[state.figures] };
  return (
    <Box flexDirection="column" width={width} height={height} overflow="hidden">
      <Header {...panel} />
      <Tabs {...panel} />
      <Body {...panel} />
      <Footer {...panel} hasKeys={hasKeys} />
    </Box>
  );
}

/** What the state asks for between the tabs and the status line. */
function Body(panel: PanelProps) {
  switch (panel.state.overlay) {
    case 'help':
      return <Help {...panel} />;
    case 'details':
      return <Details {...panel} />;
    case 'json':
      return <Json {...panel} />;
    case 'tail':
      return <Tail {...panel} />;
    case 'none':
      return <Rows {...panel} />;
  }
}

function TooSmall({ columns, rows }: { readonly columns: number; readonly rows: number }) {
  const needed = `${leastSize.columns}x${leastSize.rows}`;
  return (
    <Box width={columns} height={rows} overflow="hidden">
      <Text wrap="wrap">{`The terminal is too small: ${columns}x${rows}, and ${needed} is needed. Enlarge it, or press q.`}</Text>
    </Box>
  );
}
