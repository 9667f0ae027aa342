import { sanitizeLine } from '../../util/control-characters.ts';
import { formatAge, formatBytes, formatCount, formatMs, formatRate } from '../../util/figures.ts';
import { formatCores } from '../draw/format.ts';
import { sparkline } from '../draw/sparkline.ts';
import { type Glyphs, type Tone, verdictLooks } from '../draw/theme.ts';
import type { NodeSample } from '../feed/snapshot.ts';
import { figureColumn, type LocalColumn, marked, textColumn } from './column-kit.ts';

/** One row of the nodes view: a node that answered, or one that should have. */
export type NodeRow =
  | { readonly kind: 'answered'; readonly node: string; readonly sample: NodeSample }
  | { readonly kind: 'missing'; readonly node: string };

export type NodeColumn = LocalColumn<NodeRow>;

/** `figures`: of counters, what they grow by in a second, or what they are. */
export function createNodeColumns(glyphs: Glyphs, figures: 'rates' | 'totals' = 'rates'): readonly NodeColumn[] {
  return [
    textColumn({ id: 'node', title: 'NODE', width: 10, maxWidth: 24, priority: 1 }, (row) => row.node),
    {
      ...textColumn({ id: 'state', title: 'STATE', width: 11, priority: 1 }, (row: NodeRow) => {
        const { glyph, word } = stateOf(row);
        return marked(glyphs[glyph], word);
      }),
      tone: (row) => stateOf(row).tone,
      value: (row) => stateOf(row).word,
    },
    figure('uptime', 'UP', 6, 3, (s) => s.stats.uptimeSeconds, formatAge),
    figure('connections', 'CONNS', 7, 1, (s) => s.stats.connections, formatCount),
    figure('users', 'USERS', 7, 7, (s) => s.stats.users, formatCount),
    figure('groups', 'GROUPS', 7, 10, (s) => s.stats.groups, formatCount),
    ...(figures === 'rates' ? rateColumns() : totalColumns()),
    figure('p99', 'P99', 6, 5, (s) => s.latency.flush?.p99, formatMs),
    figure('lag', 'LAG99', 6, 3, (s) => s.stats.eventLoopLagMs.p99, formatMs),
    figure('cpu', 'CPU', 5, 5, (s) => s.rates?.cpu, formatCores),
    figure('memory', 'MEMORY', 8, 4, (s) => s.stats.memory.rss, formatBytes),
    figure('queue', 'QUEUE', 8, 8, (s) => s.stats.outboxBytes, formatBytes),
    figure('slow', 'SLOW', 5, 8, (s) => s.stats.slowClients, formatCount),
    textColumn({ id: 'version', title: 'VERSION', width: 7, maxWidth: 12, priority: 9 }, (row) =>
      row.kind === 'answered' ? row.sample.stats.version : '',
    ),
    {
      ...textColumn(
        { id: 'trend', title: 'TREND', width: 10, maxWidth: 24, priority: 6, isSortable: false, isDrawn: true },
        () => '',
      ),
      text: (row, width) => (row.kind === 'answered' ? sparkline(row.sample.history.out, width, glyphs.spark) : ''),
      tone: () => 'accent',
    },
  ];
}

interface StateLooks {
  readonly glyph: 'ok' | 'degraded' | 'critical' | 'idle' | 'gone' | 'draining';
  /** Safe to print. */
  readonly word: string;
  readonly tone: Tone;
}

/** What a node does, and how it is, in one word. */
export function stateOf(row: NodeRow): StateLooks {
  if (row.kind === 'missing') return { glyph: 'gone', word: 'missing', tone: 'bad' };
  const { state, drain, health } = row.sample.stats;
  if (state === 'starting') return { glyph: 'idle', word: 'starting', tone: 'warn' };
  if (state === 'draining') return { glyph: 'draining', word: drainWord(drain), tone: 'warn' };
  const { tone, glyph } = verdictLooks[health.verdict];
  return { glyph, word: sanitizeLine(state), tone };
}

function drainWord(drain: NodeSample['stats']['drain']): string {
  if (!drain) return 'draining';
  if (drain.left === 0) return 'drained';
  return `drain ${Math.floor((1 - drain.left / Math.max(1, drain.clients)) * 100)}%`;
}

function rateColumns(): readonly NodeColumn[] {
  return [
    figure('in', 'IN/S', 7, 2, (s) => s.rates?.in, formatRate),
    figure('out', 'OUT/S', 7, 2, (s) => s.rates?.out, formatRate),
    alarming(figure('drops', 'DROP/S', 7, 2, (s) => s.rates?.dropped, formatRate)),
  ];
}

function totalColumns(): readonly NodeColumn[] {
  return [
    figure('in', 'IN', 7, 2, (s) => s.stats.messagesInTotal, formatCount),
    figure('out', 'OUT', 7, 2, (s) => s.stats.deliveriesTotal, formatCount),
    alarming(figure('drops', 'DROP', 7, 2, (s) => s.stats.droppedTotal, formatCount)),
  ];
}

function alarming(column: NodeColumn): NodeColumn {
  return { ...column, tone: (row) => (Number(column.value(row)) > 0 ? 'bad' : undefined) };
}

function figure(
  id: string,
  title: string,
  width: number,
  priority: number,
  of: (sample: NodeSample) => number | undefined,
  format: (figure: number | undefined) => string,
): NodeColumn {
  return figureColumn(
    { id, title, width, priority },
    (row) => (row.kind === 'answered' ? of(row.sample) : undefined),
    format,
  );
}
