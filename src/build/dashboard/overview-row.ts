import { byNode, nodeLegend, of, quantile, type Row, rate, series, stat } from './panel.ts';

const sum = (expr: string) => `sum(${expr})`;
const taken = sum(rate('yunque_messages_in_total'));
const delivered = sum(rate('yunque_deliveries_total'));
const dropped = sum(rate('yunque_dropped_total'));

const figures = [
  stat(
    'Verdict',
    'The worst of what the chosen nodes say of themselves. Why: `yunque stats`, or the reason in /readyz.',
    `max(${of('yunque_health', 'verdict="degraded"')} or 2 * ${of('yunque_health', 'verdict="critical"')})`,
    {
      unit: 'none',
      words: { 0: ['ok', 'green'], 1: ['degraded', 'orange'], 2: ['critical', 'red'] },
      noValue: 'no node answers',
      thresholds: [
        [1, 'orange'],
        [2, 'red'],
      ],
    },
  ),
  stat('Nodes that do not answer', 'Scrapes that fail: the node is down, or /metrics refuses Prometheus.', down(), {
    unit: 'short',
    decimals: 0,
    thresholds: [[1, 'red']],
  }),
  stat('Nodes up', 'Nodes that answer Prometheus.', sum(of('up')), { unit: 'short', decimals: 0 }),
  stat(
    'Online',
    'Connections that may receive, of the chosen systems.',
    sum(of('yunque_connections', 'system=~"$system"')),
    { unit: 'short', decimals: 0, noValue: '0' },
  ),
  stat(
    'Users',
    'Users with a connection. One with devices on two nodes is counted at both; yunque top counts each once.',
    sum(of('yunque_users')),
    { unit: 'short', decimals: 0 },
  ),
  stat(
    'Groups',
    'Groups with a member, at the node that has most of them: each node counts those with members there.',
    `max(${byNode} (${of('yunque_groups')}))`,
    { unit: 'short', decimals: 0 },
  ),
  stat('In', 'Messages taken in a second, over all doors.', taken, { unit: 'mps', noValue: '0' }),
  stat('Out', 'Messages handed to sockets a second: one to a thousand clients is a thousand.', delivered, {
    unit: 'mps',
  }),
  stat(
    'Delivered',
    'Of what was meant for somebody who is connected, the part that was handed to a socket.',
    `${delivered} / (${delivered} + ${dropped})`,
    {
      unit: 'percentunit',
      decimals: 2,
      noValue: '–',
      below: 'red',
      thresholds: [
        [0.99, 'yellow'],
        [0.999, 'green'],
      ],
    },
  ),
  stat(
    'Latency p99',
    'Of the flush: from the first message that a turn of the loop collected until all were written.',
    quantile(0.99, 'yunque_flush_seconds'),
    {
      unit: 's',
      noValue: '–',
      thresholds: [
        [0.05, 'yellow'],
        [0.25, 'red'],
      ],
    },
  ),
  stat(
    'Loop lag p99',
    'How late the event loop of the worst node runs. Above 100 ms all of its clients notice.',
    `max(${of('yunque_event_loop_lag_seconds', 'quantile="0.99"')})`,
    {
      unit: 's',
      thresholds: [
        [0.05, 'yellow'],
        [0.1, 'red'],
      ],
    },
  ),
  stat(
    'Probe',
    'How long the slowest node took to bring its own message round the real path. Nothing: it did not come back.',
    `max(${of('yunque_probe_seconds')})`,
    {
      unit: 's',
      noValue: 'failed',
      thresholds: [
        [0.1, 'yellow'],
        [1, 'red'],
      ],
    },
  ),
];

function down(): string {
  return `count(${of('up')} == 0) or vector(0)`;
}

const courses = [
  series(
    'Messages in, by door',
    'What is taken in a second: http and grpc are backends; channel, stream, kafka and rabbitmq queues; client clients; admin operators; probe the node itself.',
    [{ expr: `sum by (door) (${rate('yunque_messages_in_total')})`, legend: '{{door}}' }],
    { unit: 'mps', isStacked: true },
  ),
  series(
    'Messages out, by node',
    'What is handed to sockets a second.',
    [{ expr: `${byNode} (${rate('yunque_deliveries_total')})`, legend: nodeLegend }],
    { unit: 'mps', isStacked: true },
  ),
  series(
    'Dropped, by reason',
    'What was meant for a connection and did not reach it. slow_consumer: its client does not read and is closed; outbox_full, displaced, conflated and expired are classes of messages that may be dropped; not_in_dialect has no form in the language of the client.',
    [{ expr: `sum by (reason) (${rate('yunque_dropped_total')})`, legend: '{{reason}}' }],
    { unit: 'mps', isStacked: true },
  ),
  series(
    'Flush latency',
    'Handing out and writing all that one turn of the loop had collected.',
    [
      { expr: quantile(0.5, 'yunque_flush_seconds'), legend: 'p50' },
      { expr: quantile(0.99, 'yunque_flush_seconds'), legend: 'p99' },
    ],
    { unit: 's', thresholds: [[0.25, 'red']] },
  ),
  series(
    'Fan-out latency',
    'From the first message of a batch to a group or system until all of its members had it.',
    [
      { expr: quantile(0.5, 'yunque_fanout_seconds'), legend: 'p50' },
      { expr: quantile(0.99, 'yunque_fanout_seconds'), legend: 'p99' },
    ],
    { unit: 's', thresholds: [[0.25, 'red']] },
  ),
  series(
    'Loop lag p99, by node',
    'How late the event loop runs, over the last 10 seconds or so.',
    [
      {
        expr: `max by (instance, node) (${of('yunque_event_loop_lag_seconds', 'quantile="0.99"')})`,
        legend: nodeLegend,
      },
    ],
    { unit: 's', thresholds: [[0.1, 'red']] },
  ),
  series(
    'Memory, by node',
    'Resident memory of the process: heap, buffers of sockets and the program.',
    [{ expr: `${byNode} (${of('process_resident_memory_bytes')})`, legend: nodeLegend }],
    { unit: 'bytes' },
  ),
  series(
    'CPU, by node',
    'Of one core. A node uses one; several use `workers`.',
    [{ expr: `${byNode} (${rate('process_cpu_seconds_total')})`, legend: nodeLegend }],
    { unit: 'percentunit', thresholds: [[0.9, 'red']] },
  ),
  series(
    'Health, by node',
    '0 is ok, 1 degraded (it delivers, with something the matter), 2 critical (its probe fails: /readyz is 503).',
    [
      {
        expr: `max by (instance, node) (${of('yunque_health', 'verdict="degraded"')} or 2 * ${of('yunque_health', 'verdict="critical"')})`,
        legend: nodeLegend,
      },
    ],
    {
      unit: 'none',
      max: 2,
      words: { 0: ['ok', 'green'], 1: ['degraded', 'orange'], 2: ['critical', 'red'] },
    },
  ),
];

/** What one looks at first: verdict, figures, and their course. */
export const overviewRow: Row = { title: 'Overview', isCollapsed: false, panels: [...figures, ...courses] };
