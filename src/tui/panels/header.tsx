import { Box } from 'ink';
import { sanitizeLine } from '../../util/control-characters.ts';
import { formatBytes, formatCount, formatMs, formatRate } from '../../util/figures.ts';
import { fit } from '../../util/text-width.ts';
import type { ViewColumns } from '../columns.ts';
import { formatClock, formatInterval, formatShare } from '../format.ts';
import type { Layout } from '../layout.ts';
import { type Snapshot, type Totals, totalsOf } from '../snapshot.ts';
import { sparkline } from '../sparkline.ts';
import type { Theme, Tone } from '../theme.ts';
import { verdictOf } from '../verdict.ts';
import type { ViewState } from '../view-state.ts';
import { Line, type Segment, wholeGroups } from './line.tsx';

export interface PanelProps {
  readonly theme: Theme;
  readonly snapshot: Snapshot;
  readonly state: ViewState;
  readonly layout: Layout;
  readonly columns: ViewColumns;
}

const lagWarnMs = 100;

/** Verdict, counts, and (where there is room) traffic with its recent past. */
export function Header({ theme, snapshot, state, layout }: PanelProps) {
  const width = state.size.columns;
  const totals = totalsOf(snapshot);
  const line = (segments: readonly Segment[], right: readonly Segment[] = []) => (
    <Line theme={theme} width={width} segments={segments} right={right} />
  );
  return (
    <Box flexDirection="column">
      {line(verdictSegments(snapshot, theme), clockSegments(snapshot, state))}
      {line(wholeGroups(countGroups(totals), width))}
      {layout.headerRows === 4 &&
        line(
          trafficSegments(
            'in/s',
            snapshot.rates?.in,
            snapshot.history.in,
            width,
            theme,
            deliveredAndLag(totals, width),
          ),
        )}
      {layout.headerRows === 4 &&
        line(
          trafficSegments(
            'out/s',
            snapshot.rates?.out,
            snapshot.history.out,
            width,
            theme,
            dropsAndMemory(snapshot, totals, width),
          ),
        )}
    </Box>
  );
}

function verdictSegments(snapshot: Snapshot, theme: Theme): readonly Segment[] {
  const verdict = verdictOf(snapshot);
  return [
    [` ${theme.glyphs[verdict.glyph]} ${verdict.word}`, verdict.tone],
    [verdict.reason === '' ? '' : ` ${verdict.reason}`],
  ];
}

function clockSegments(snapshot: Snapshot, state: ViewState): readonly Segment[] {
  const version = snapshot.stats?.nodes[0]?.version;
  const clock = snapshot.stats ? formatClock(snapshot.stats.time) : '';
  return [
    [`yunque ${sanitizeLine(version ?? '')}  every ${formatInterval(state.intervalMs)}  `, 'muted'],
    [`${clock} `],
  ];
}

/** Most important first: a narrow terminal shows only the first of them. */
function countGroups(totals: Totals): readonly (readonly Segment[])[] {
  const isWhole = totals.nodes === totals.nodesExpected;
  const group = (label: string, text: string, tone?: Tone): readonly Segment[] => [
    [` ${label} `, 'muted'],
    [`${text} `, tone],
  ];
  return [
    group('nodes', `${totals.nodes}/${totals.nodesExpected}`, isWhole ? 'title' : 'bad'),
    group('online', formatCount(totals.connections), 'title'),
    group('users', formatCount(totals.users), 'title'),
    group('groups', formatCount(totals.groups), 'title'),
    group('slow', formatCount(totals.slowClients), totals.slowClients > 0 ? 'warn' : undefined),
    group('queued', formatBytes(totals.outboxBytes)),
    group('pending', formatCount(totals.pending)),
    group('systems', formatCount(totals.systems)),
  ];
}

/** Widths of the figures right of the sparklines: two blocks of label and value. */
function blockWidths(width: number) {
  return { label: 10, left: width >= 100 ? 26 : 8, right: 9 };
}

function trafficSegments(
  label: string,
  rate: number | undefined,
  history: Snapshot['history']['in'],
  width: number,
  theme: Theme,
  figures: readonly Segment[],
): readonly Segment[] {
  const { label: labelWidth, left, right } = blockWidths(width);
  const sparkWidth = width - (1 + 6 + 8 + 1) - 2 - (labelWidth + left + 2 + labelWidth + right) - 1;
  return [
    [` ${fit(label, 6)}`, 'muted'],
    [`${fit(formatRate(rate), 8, 'right')} `, 'title'],
    [sparkline(history, sparkWidth, theme.glyphs.spark), 'accent'],
    ['  '],
    ...figures,
  ];
}

function deliveredAndLag(totals: Totals, width: number): readonly Segment[] {
  const { label, left, right } = blockWidths(width);
  const { deliveredShare: share, lagP99Ms: lag } = totals;
  return [
    [fit('delivered', label), 'muted'],
    [fit(formatShare(share), left), share !== undefined && share < 1 ? 'warn' : undefined],
    [`  ${fit('loop p99', label)}`, 'muted'],
    [fit(formatMs(totals.nodes === 0 ? undefined : lag), right), lag >= lagWarnMs ? 'warn' : undefined],
  ];
}

function dropsAndMemory(snapshot: Snapshot, totals: Totals, width: number): readonly Segment[] {
  const { label, left, right } = blockWidths(width);
  const dropped = snapshot.rates?.dropped;
  const [reason] = Object.entries(snapshot.rates?.droppedBy ?? {}).sort(([, a], [, b]) => b - a)[0] ?? [];
  const why = dropped && reason && left > 8 ? ` ${sanitizeLine(reason)}` : '';
  return [
    [fit('drops/s', label), 'muted'],
    [fit(formatRate(dropped) + why, left), dropped ? 'bad' : undefined],
    [`  ${fit('memory', label)}`, 'muted'],
    [fit(formatBytes(totals.nodes === 0 ? undefined : totals.rss), right)],
  ];
}
