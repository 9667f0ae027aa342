import { byNode, nodeLegend, of, type Row, rate, series } from './panel.ts';

/** Who is connected, who left, and who was not let in. */
export const connectionsRow: Row = {
  title: 'Connections',
  isCollapsed: false,
  panels: [
    series(
      'By node',
      'Connections that may receive, of the chosen systems.',
      [{ expr: `${byNode} (${of('yunque_connections', 'system=~"$system"')})`, legend: nodeLegend }],
      { unit: 'short', isStacked: true },
    ),
    series(
      'By system',
      'Connections that may receive.',
      [{ expr: `sum by (system) (${of('yunque_connections', 'system=~"$system"')})`, legend: '{{system}}' }],
      { unit: 'short', isStacked: true },
    ),
    series(
      'By dialect',
      'Connections that may receive, by the language they speak.',
      [{ expr: `sum by (dialect) (${of('yunque_connections', 'system=~"$system"')})`, legend: '{{dialect}}' }],
      { unit: 'short', isStacked: true },
    ),
    series(
      'Disconnects, by close code',
      'Connections ended a second. 1000 and 1001: the client left; 1006: it vanished; 4001: the node drains; 4008: it did not read; the others are in docs/errors.md.',
      [{ expr: `sum by (code) (${rate('yunque_disconnects_total')})`, legend: '{{code}}' }],
      { unit: 'ops', isStacked: true },
    ),
    series(
      'Refused, by error',
      'Requests and connections refused a second, by the code of the error: limits, keys, tokens, wrong requests.',
      [{ expr: `sum by (error) (${rate('yunque_refused_total')})`, legend: '{{error}}' }],
      { unit: 'reqps', isStacked: true },
    ),
    series(
      'Not bound yet, and frames without a meaning',
      'Connections that have not said who they are, and frames of clients a second that no dialect knows.',
      [
        { expr: `sum(${of('yunque_connections_pending')})`, legend: 'not bound yet' },
        { expr: `sum(${rate('yunque_ignored_frames_total')})`, legend: 'frames without a meaning, a second' },
      ],
      { unit: 'short' },
    ),
  ],
};

/** What waits for clients that do not read as fast as they are sent to. */
export const queuesRow: Row = {
  title: 'Queues of clients',
  isCollapsed: false,
  panels: [
    series(
      'Outbox, by node',
      'Bytes that wait for sockets. Each client has a bound (outbox.maxBytes) and is closed with 4008 beyond it.',
      [{ expr: `${byNode} (${of('yunque_outbox_bytes')})`, legend: nodeLegend }],
      { unit: 'bytes', isStacked: true },
    ),
    series(
      'Slow clients, by node',
      'Connections with more than 16 KiB waiting. Which: yunque top, view slow.',
      [{ expr: `${byNode} (${of('yunque_slow_clients')})`, legend: nodeLegend }],
      { unit: 'short', isStacked: true },
    ),
    series(
      'Newcomers refused, by what is short',
      '1 while a node takes no newcomers because heap, memory or file descriptors run out.',
      [{ expr: `max by (instance, node, reason) (${of('yunque_shedding')})`, legend: `${nodeLegend} {{reason}}` }],
      { unit: 'none', max: 1 },
    ),
  ],
};
