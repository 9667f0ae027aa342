import { sanitizeLine } from '../../util/control-characters.ts';
import { fit, widthOf } from '../../util/text-width.ts';
import type { ViewColumns } from '../columns/columns.ts';
import { formatClock, formatInterval } from '../draw/format.ts';
import type { Theme } from '../draw/theme.ts';
import { verdictOf } from '../draw/verdict.ts';
import { type Snapshot, totalsOf } from '../feed/snapshot.ts';
import type { Layout } from '../state/layout.ts';
import type { ViewState } from '../state/view-state.ts';
import { countCells, type Figure, figureGap, figureSegments, figureWidth } from './header-figures.ts';
import { Lines, type Segment, widthOfAll } from './line.tsx';
import { trafficLines } from './traffic.ts';

export interface PanelProps {
  readonly theme: Theme;
  readonly snapshot: Snapshot;
  readonly state: ViewState;
  readonly layout: Layout;
  readonly columns: ViewColumns;
}

/** Verdict, counts, and (where there is room) traffic with its recent past. */
export function Header({ theme, snapshot, state, layout }: PanelProps) {
  const width = state.size.columns;
  const totals = totalsOf(snapshot);
  const lines = [
    firstLine(snapshot, state, theme),
    countSegments(countCells(snapshot, totals), width),
    ...(layout.headerRows > 2 ? trafficLines({ snapshot, totals, theme, width, isTall: layout.headerRows > 5 }) : []),
  ];
  return <Lines theme={theme} width={width} height={layout.headerRows} lines={lines} />;
}

/** Where the reason is long, it takes the place of the clock. */
function firstLine(snapshot: Snapshot, state: ViewState, theme: Theme): readonly Segment[] {
  const verdict = verdictOf(snapshot);
  const word = ` ${theme.glyphs[verdict.glyph]} ${verdict.word}`;
  const reason = verdict.reason === '' ? '' : `  ${verdict.reason}`;
  const marks = markSegments(state, snapshot);
  const clock = clockSegments(snapshot, state);
  const room = state.size.columns - widthOf(word) - widthOfAll(marks) - 1;
  const hasClock = widthOf(reason) + widthOfAll(clock) <= room;
  const left = fit(reason, room - (hasClock ? widthOfAll(clock) : 0), 'left', theme.glyphs.ellipsis);
  return [[word, verdict.tone], [left], ...marks, ...(hasClock ? clock : [])];
}

function markSegments({ isReadonly, isPaused, speed }: ViewState, { recording }: Snapshot): readonly Segment[] {
  const end = recording?.isOver === true ? ' END' : '';
  return [
    [isReadonly ? ' readonly ' : '', 'muted'],
    [isPaused ? ' PAUSED ' : '', 'warn'],
    [speed === undefined ? '' : ` REPLAY ${speed}x${end} `, 'warn'],
  ];
}

function clockSegments(snapshot: Snapshot, state: ViewState): readonly Segment[] {
  const version = snapshot.stats?.nodes[0]?.version;
  const isWide = state.size.columns >= 100;
  return [
    [isWide ? ` yunque ${sanitizeLine(version ?? '')} ` : '', 'muted'],
    [state.speed === undefined ? ` every ${formatInterval(state.intervalMs)} ` : '', 'muted'],
    [` ${snapshot.stats ? formatClock(snapshot.stats.time) : '--:--:--'}`],
  ];
}

/** Most important first: a narrow terminal shows only the first of them. */
function countSegments(figures: readonly Figure[], width: number): readonly Segment[] {
  const count = Math.floor((width - 2 + figureGap) / (figureWidth + figureGap));
  return figures
    .slice(0, count)
    .flatMap((figure, index): readonly Segment[] => [
      [' '.repeat(index === 0 ? 1 : figureGap)],
      ...figureSegments(figure),
    ]);
}
