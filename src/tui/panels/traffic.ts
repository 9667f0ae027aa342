import { sanitizeLine } from '../../util/control-characters.ts';
import { formatBytes, formatMs, formatRate } from '../../util/figures.ts';
import { fit } from '../../util/text-width.ts';
import { formatPercentiles, formatShare } from '../draw/format.ts';
import { peakOf, sparkline, tallSparkline } from '../draw/sparkline.ts';
import type { Theme, Tone } from '../draw/theme.ts';
import type { Point, Snapshot, Totals } from '../feed/snapshot.ts';
import { type Figure, figureGap, figureSegments, figureWidth } from './header-figures.ts';
import type { Segment } from './line.tsx';

export interface TrafficOptions {
  readonly snapshot: Snapshot;
  readonly totals: Totals;
  readonly theme: Theme;
  readonly width: number;
  /** The past of what comes in and goes out, two lines high. */
  readonly isTall: boolean;
}

const lagWarnMs = 100;

const besideWidth = 18;

/** What comes in, goes out and is dropped in a second, each with its past, and the figures beside it. */
export function trafficLines(options: TrafficOptions): readonly (readonly Segment[])[] {
  const { snapshot, totals, theme, width, isTall } = options;
  const { rates, history, latency } = snapshot;
  const isKnown = totals.nodes > 0;
  // Reasons of drops take what room there is; figures stay beside their labels.
  const middle = width >= 110 ? 30 : besideWidth;
  const sparkWidth = width - 2 - 2 * figureWidth - 3 * figureGap - middle;
  const { deliveredShare: share, lagP99Ms: lag } = totals;
  const pad: Segment = [' '.repeat(figureGap)];
  const line = (left: Figure, spark: string, tone: Tone, beside: readonly Segment[], right: Figure) => [
    [' '] as Segment,
    ...figureSegments(left),
    pad,
    [spark, tone] as Segment,
    pad,
    ...beside,
    pad,
    ...figureSegments(right),
  ];
  const spark = (points: readonly Point[]) => sparkline(points, sparkWidth, theme.glyphs.spark);
  const tall = (points: readonly Point[]) => tallSparkline(points, sparkWidth, theme.glyphs.spark);
  const peak = (points: readonly Point[]): Figure => ({
    label: 'peak',
    value: formatRate(peakOf(points.slice(-sparkWidth))),
    tone: 'muted',
  });
  const inFigure: Figure = { label: 'in/s', value: formatRate(rates?.in), tone: 'title' };
  const outFigure: Figure = { label: 'out/s', value: formatRate(rates?.out), tone: 'title' };
  const beside = (figure: Figure): readonly Segment[] => [
    ...figureSegments(figure, besideWidth),
    [' '.repeat(middle - besideWidth)],
  ];
  const delivered = beside({
    label: 'delivered',
    value: formatShare(share),
    tone: share !== undefined && share < 1 ? 'warn' : undefined,
  });
  const flush = beside({ label: 'p50/p99', value: formatPercentiles(latency.flush) });
  const fanout = beside({ label: 'fan-out', value: formatPercentiles(latency.fanout) });
  const probe = beside({ label: 'probe', value: formatMs(slowestProbe(snapshot)) });
  const loop: Figure = {
    label: 'loop',
    value: formatMs(isKnown ? lag : undefined),
    tone: lag >= lagWarnMs ? 'warn' : undefined,
  };
  const memory: Figure = { label: 'mem', value: formatBytes(isKnown ? totals.rss : undefined) };
  const heap: Figure = { label: 'heap', value: formatBytes(isKnown ? heapOf(snapshot) : undefined) };
  const links: Figure = { label: 'links', value: linksOf(snapshot) };
  const drops = line(
    { label: 'drop/s', value: formatRate(rates?.dropped), tone: rates?.dropped ? 'bad' : undefined },
    spark(history.dropped),
    peakOf(history.dropped.slice(-sparkWidth)) > 0 ? 'bad' : 'muted',
    [[fit(reasonsOf(rates?.droppedBy ?? {}, middle), middle, 'left', theme.glyphs.ellipsis), 'bad']],
    { label: 'queue', value: formatBytes(isKnown ? totals.outboxBytes : undefined) },
  );
  if (!isTall) {
    return [
      line(inFigure, spark(history.in), 'accent', delivered, loop),
      line(outFigure, spark(history.out), 'accent', flush, memory),
      drops,
    ];
  }
  const [inUpper, inLower] = tall(history.in);
  const [outUpper, outLower] = tall(history.out);
  return [
    line(inFigure, inUpper, 'accent', delivered, loop),
    line(peak(history.in), inLower, 'accent', flush, memory),
    line(outFigure, outUpper, 'accent', fanout, heap),
    line(peak(history.out), outLower, 'accent', probe, links),
    drops,
  ];
}

/** The most frequent first, as many as there is room for. */
function reasonsOf(droppedBy: Readonly<Record<string, number>>, room: number): string {
  const reasons = Object.entries(droppedBy)
    .filter(([, rate]) => rate > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, rate]) => `${sanitizeLine(reason)} ${formatRate(rate)}`);
  const shown: string[] = [];
  for (const reason of reasons) {
    if (shown.length > 0 && [...shown, reason].join('  ').length > room) break;
    shown.push(reason);
  }
  return shown.join('  ');
}

function slowestProbe({ stats }: Snapshot): number | undefined {
  const known = (stats?.nodes ?? []).flatMap(({ probeMs }) => (probeMs === undefined ? [] : [probeMs]));
  return known.length === 0 ? undefined : Math.max(...known);
}

function heapOf({ stats }: Snapshot): number {
  return (stats?.nodes ?? []).reduce((sum, { memory }) => sum + memory.heapUsed, 0);
}

/** Links between nodes, of those there should be: `6/6` for three nodes. */
function linksOf({ stats }: Snapshot): string {
  const inCluster = (stats?.nodes ?? []).flatMap(({ cluster }) => (cluster ? [cluster] : []));
  if (inCluster.length === 0) return '-';
  const there = inCluster.reduce((sum, { links }) => sum + links.length, 0);
  const expected = inCluster.reduce((sum, { members }) => sum + members - 1, 0);
  return `${there}/${expected}`;
}
