import { nodeLegend, of, type Row, rate, series } from './panel.ts';

const each = (metric: string, ...matchers: string[]) => `max by (instance, node) (${of(metric, ...matchers)})`;

/** The nodes among themselves; empty for a node that is alone. */
export const clusterRow: Row = {
  title: 'Cluster',
  isCollapsed: false,
  panels: [
    series(
      'Members, by who counts',
      'Nodes that are alive, by each of them, and the others it is linked with. All agree in a healthy cluster: the links are one fewer than the members.',
      [
        { expr: each('yunque_cluster_nodes'), legend: `${nodeLegend} members` },
        { expr: each('yunque_cluster_links'), legend: `${nodeLegend} links` },
      ],
      { unit: 'short', width: 6 },
    ),
    series(
      'Nodes that died',
      'Nodes whose lease ended without a word in the last 10 minutes, by who noticed.',
      [
        {
          expr: `max by (instance, node) (increase(${of('yunque_cluster_nodes_down_total')}[10m]))`,
          legend: nodeLegend,
        },
      ],
      { unit: 'short', width: 6 },
    ),
    series(
      'Bus and Redis up',
      '1 while what a node broadcasts comes round to it, and while Redis answers it. Without the bus messages go over the RPC.',
      [
        { expr: `min by (instance, node, engine) (${of('yunque_bus_up')})`, legend: `${nodeLegend} bus {{engine}}` },
        { expr: `min by (instance, node) (${of('yunque_redis_up')})`, legend: `${nodeLegend} Redis` },
      ],
      { unit: 'none', max: 1, width: 6 },
    ),
    series(
      'Beat round the bus',
      'How long the last beat was under way: what a message to a group on another node takes at least.',
      [{ expr: each('yunque_bus_beat_seconds'), legend: nodeLegend }],
      { unit: 's', width: 6, thresholds: [[0.25, 'red']] },
    ),
    series(
      'What the bus did',
      'A second, over all nodes. broadcasts_fallbacks went over the RPC instead, broadcasts_gaps did not come: look into these.',
      [{ expr: `sum by (engine, what) (${rate('yunque_bus_events_total')})`, legend: '{{engine}} {{what}}' }],
      { unit: 'ops', width: 12 },
    ),
    series(
      'What the bus holds',
      'Now, over all nodes: what is not confirmed yet and what waits to be read.',
      [{ expr: `sum by (engine, what) (${of('yunque_bus_held')})`, legend: '{{engine}} {{what}}' }],
      { unit: 'short', width: 6 },
    ),
    series(
      'What could not be told apart',
      'Since the start: keys of idempotency, sequences and records that were judged by one node alone, while Redis was away or short.',
      [{ expr: `sum by (what) (${of('yunque_marks_total')})`, legend: '{{what}}' }],
      { unit: 'short', width: 6 },
    ),
  ],
};
