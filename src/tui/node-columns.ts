import { sanitizeLine } from '../util/control-characters.ts';
import { formatAge, formatBytes, formatCount, formatMs, formatRate, unknown } from '../util/figures.ts';
import type { LocalColumn } from './column-kit.ts';
import type { NodeSample } from './snapshot.ts';
import { sparkline } from './sparkline.ts';
import { verdictLooks } from './theme.ts';

/** One row of the nodes view: a node that answered, or one that should have. */
export type NodeRow =
  | { readonly kind: 'answered'; readonly node: string; readonly sample: NodeSample }
  | { readonly kind: 'missing'; readonly node: string };

export type NodeColumn = LocalColumn<NodeRow>;

/** The spark glyphs depend on the terminal, so the columns are made for it. `figures`: of counters, what they grow by in a second, or what they are. */
export function createNodeColumns(sparkLevels: string, figures: 'rates' | 'totals' = 'rates'): readonly NodeColumn[] {
  return [
    {
      id: 'node',
      title: 'NODE',
      width: 12,
      maxWidth: 28,
      align: 'left',
      priority: 1,
      isSortable: true,
      text: (row) => sanitizeLine(row.node),
      value: (row) => row.node,
    },
    {
      id: 'state',
      title: 'STATE',
      width: 8,
      align: 'left',
      priority: 1,
      isSortable: true,
      text: stateOf,
      value: stateOf,
      tone: (row) => (row.kind === 'missing' ? 'bad' : verdictLooks[row.sample.stats.health.verdict].tone),
    },
    figure('uptime', 'UP', 7, 3, (s) => s.stats.uptimeSeconds, formatAge),
    figure('connections', 'CONNS', 7, 1, (s) => s.stats.connections, formatCount),
    figure('users', 'USERS', 7, 5, (s) => s.stats.users, formatCount),
    figure('groups', 'GROUPS', 7, 7, (s) => s.stats.groups, formatCount),
    ...(figures === 'rates' ? rates : totals),
    figure('lag', 'LAG99', 7, 3, (s) => s.stats.eventLoopLagMs.p99, formatMs),
    figure('memory', 'MEMORY', 8, 4, (s) => s.stats.memory.rss, formatBytes),
    figure('cpu', 'CPU', 5, 6, (s) => s.rates?.cpu, formatCpu),
    figure('queue', 'QUEUE', 8, 7, (s) => s.stats.outboxBytes, formatBytes),
    figure('slow', 'SLOW', 6, 8, (s) => s.stats.slowClients, formatCount),
    {
      id: 'trend',
      title: 'OUT/S TREND',
      width: 12,
      maxWidth: 40,
      align: 'left',
      priority: 9,
      isSortable: false,
      text: (row, width) => (row.kind === 'answered' ? sparkline(row.sample.history.out, width, sparkLevels) : ''),
      value: () => 0,
    },
  ];
}

const rates: readonly NodeColumn[] = [
  figure('in', 'IN/S', 7, 2, (s) => s.rates?.in, formatRate),
  figure('out', 'OUT/S', 7, 2, (s) => s.rates?.out, formatRate),
  {
    ...figure('drops', 'DROP/S', 7, 2, (s) => s.rates?.dropped, formatRate),
    tone: (row) => (row.kind === 'answered' && (row.sample.rates?.dropped ?? 0) > 0 ? 'bad' : undefined),
  },
];

const totals: readonly NodeColumn[] = [
  figure('in', 'IN', 7, 2, (s) => s.stats.messagesInTotal, formatCount),
  figure('out', 'OUT', 7, 2, (s) => s.stats.deliveriesTotal, formatCount),
  {
    ...figure('drops', 'DROPS', 7, 2, (s) => s.stats.droppedTotal, formatCount),
    tone: (row) => (row.kind === 'answered' && row.sample.stats.droppedTotal > 0 ? 'bad' : undefined),
  },
];

function stateOf(row: NodeRow): string {
  return row.kind === 'answered' ? row.sample.stats.state : 'missing';
}

function formatCpu(cores: number | undefined): string {
  return cores === undefined ? unknown : `${Math.round(cores * 100)}%`;
}

function figure(
  id: string,
  title: string,
  width: number,
  priority: number,
  of: (sample: NodeSample) => number | undefined,
  format: (figure: number | undefined) => string,
): NodeColumn {
  const value = (row: NodeRow) => (row.kind === 'answered' ? of(row.sample) : undefined);
  return {
    id,
    title,
    width,
    align: 'right',
    priority,
    isSortable: true,
    text: (row) => format(value(row)),
    value: (row) => value(row) ?? Number.NEGATIVE_INFINITY,
  };
}
