import { sanitizeLine } from '../../util/control-characters.ts';
import { formatBytes, formatCount, formatMs } from '../../util/figures.ts';
import { fit } from '../../util/text-width.ts';
import { type NodeRow, stateOf } from '../columns/node-columns.ts';
import { bar } from '../draw/bar.ts';
import { formatCores, formatPercentiles } from '../draw/format.ts';
import { peakOf, sparkline } from '../draw/sparkline.ts';
import type { Theme } from '../draw/theme.ts';
import type { NodeSample } from '../feed/snapshot.ts';
import { type Segment, wholeGroups } from './line.tsx';

const nameWidth = 12;
const drainWidth = 24;

/** Below the table, where there is room: of each node its part in the cluster, and its recent past. At most `room` lines. */
export function nodeStrips(
  rows: readonly NodeRow[],
  room: number,
  width: number,
  theme: Theme,
): readonly (readonly Segment[])[] {
  const perNode = [3, 2, 1].find((lines) => 1 + rows.length * lines <= room);
  if (perNode === undefined || rows.length === 0) return [];
  const lines = rows.flatMap((row): readonly (readonly Segment[])[] => {
    const facts = [nameSegment(row, theme), ...wholeGroups(factsOf(row, theme), width - nameWidth - 2)];
    if (row.kind === 'missing') return [facts, [], []].slice(0, perNode);
    return [facts, pastOf(row.sample, width, theme), []].slice(0, perNode);
  });
  return [[], ...lines];
}

function nameSegment(row: NodeRow, theme: Theme): Segment {
  return [`  ${fit(sanitizeLine(row.node), nameWidth - 1, 'left', theme.glyphs.ellipsis)} `, stateOf(row).tone];
}

/** The most important first; what does not fit is in the details. */
function factsOf(row: NodeRow, theme: Theme): readonly (readonly Segment[])[] {
  if (row.kind === 'missing') return [[['does not answer: its clients are in no figure', 'bad']]];
  const { stats, rates, latency } = row.sample;
  const { cluster, drain, health } = stats;
  const fact = (label: string, value: string): readonly Segment[] => [[`${label} `, 'muted'], [`${value}  `]];
  return [
    ...(drain ? [drainSegments(drain, theme)] : []),
    ...(health.verdict === 'ok' ? [] : [[[`${sanitizeLine(health.reasons.join('; '))}  `, 'warn'] as Segment]]),
    ...(cluster
      ? [
          fact('links', `${cluster.links.length}/${Math.max(0, cluster.members - 1)}`),
          upSegments('bus', cluster.bus.up, `${cluster.bus.engine} ${formatMs(cluster.bus.beatMs)}`, theme),
          upSegments('redis', cluster.redis.up, cluster.redis.up ? 'up' : 'down', theme),
        ]
      : []),
    fact('p50/p99', fit(formatPercentiles(latency.flush), 10)),
    fact('cpu', fit(formatCores(rates?.cpu), 4)),
    fact('queued', fit(formatBytes(stats.outboxBytes), 8)),
    fact('version', sanitizeLine(stats.version)),
    ...(cluster && cluster.died > 0 ? [fact('died', formatCount(cluster.died))] : []),
    fact('pid', String(stats.pid)),
  ];
}

function upSegments(label: string, isUp: boolean, text: string, theme: Theme): readonly Segment[] {
  const glyph = isUp ? theme.glyphs.ok : theme.glyphs.critical;
  return [
    [`${label} `, 'muted'],
    [`${glyph} `, isUp ? 'ok' : 'bad'],
    [`${sanitizeLine(text)}  `, isUp ? undefined : 'bad'],
  ];
}

function drainSegments({ clients, left }: NonNullable<NodeSample['stats']['drain']>, theme: Theme): readonly Segment[] {
  const done = bar(clients - left, Math.max(1, clients), drainWidth, theme.glyphs.bar);
  const rest = theme.glyphs.trough.repeat(drainWidth - done.length);
  return [
    ['drain ', 'muted'],
    [done, 'warn'],
    [rest, 'muted'],
    [` ${formatCount(left)} of ${formatCount(clients)} left  `],
  ];
}

/** In, out and drops, side by side. */
function pastOf({ history }: NodeSample, width: number, theme: Theme): readonly Segment[] {
  const labels = ['in', 'out', 'drop'];
  const used = nameWidth + 2 + labels.join('').length + labels.length * 3;
  const each = Math.floor((width - used) / labels.length);
  const spark = (points: NodeSample['history']['in']) => sparkline(points, each, theme.glyphs.spark);
  return [
    [' '.repeat(nameWidth + 2)],
    ['in ', 'muted'],
    [spark(history.in), 'accent'],
    ['  out ', 'muted'],
    [spark(history.out), 'accent'],
    ['  drop ', 'muted'],
    [spark(history.dropped), peakOf(history.dropped.slice(-each)) > 0 ? 'bad' : 'muted'],
  ];
}
