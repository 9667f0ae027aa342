import { Box } from 'ink';
import { sanitizeLine } from '../../util/control-characters.ts';
import { formatCount } from '../../util/figures.ts';
import { groupKeys, labelOf } from '../keys.ts';
import { rowNumbers } from '../paging.ts';
import { clientRows } from '../rows.ts';
import { listOf } from '../view-state.ts';
import type { PanelProps } from './header.tsx';
import { Line, type Segment, wholeGroups } from './line.tsx';

export interface FooterProps extends PanelProps {
  /** False where keys cannot be read: then none are offered. */
  readonly hasKeys: boolean;
}

/** The status line (filter, pause, place in the list) and the keys. */
export function Footer(props: FooterProps) {
  const { theme, state, hasKeys } = props;
  const width = state.size.columns;
  return (
    <Box flexDirection="column">
      <Line theme={theme} width={width} segments={statusSegments(props)} right={placeSegments(props)} />
      <Line
        theme={theme}
        width={width}
        segments={hasKeys ? hintSegments(state.formerFilter !== undefined, width) : [[' Ctrl-C ends', 'muted']]}
      />
    </Box>
  );
}

function statusSegments({ state, snapshot }: FooterProps): readonly Segment[] {
  const { filter } = listOf(state);
  const isTyping = state.formerFilter !== undefined;
  const error = state.view === 'clients' && snapshot.clients?.page ? snapshot.clients.error : undefined;
  return [
    [' '],
    [state.isPaused ? 'PAUSED' : '', 'warn'],
    [state.isPaused ? '  ' : ''],
    [isTyping ? '/' : filter === '' ? '' : 'filter ', 'accent'],
    [sanitizeLine(filter), 'title'],
    [isTyping ? ' ' : '', 'selected'],
    [error === undefined ? '' : `  ${sanitizeLine(error)}`, 'bad'],
  ];
}

function placeSegments({ state, snapshot }: FooterProps): readonly Segment[] {
  const page = snapshot.clients?.page;
  if (state.view !== 'clients' || state.overlay !== 'none' || !page) return [];
  const [first, last] = rowNumbers(state.page, clientRows(snapshot, state).length, page.total);
  return [[`${formatCount(first)}-${formatCount(last)} of ${formatCount(page.total)} `, 'muted']];
}

function hintSegments(isTyping: boolean, width: number): readonly Segment[] {
  const hints = isTyping
    ? [
        { keys: ['enter'], says: 'keep' },
        { keys: ['esc'], says: 'cancel' },
      ]
    : groupKeys((binding) => binding.hint);
  return wholeGroups(
    hints.map(({ keys, says }): readonly Segment[] => [
      [` ${keys.map(labelOf).join(' ')}`, 'accent'],
      [` ${says} `, 'muted'],
    ]),
    width,
  );
}
