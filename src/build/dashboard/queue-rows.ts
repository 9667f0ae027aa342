import { of, type Row, rate, series } from './panel.ts';

const byDoor = 'sum by (door)';
const bySink = 'sum by (sink, use)';
const sinkLegend = '{{sink}} {{use}}';

/** Queues that are read; empty where there is none. */
export const doorsRow: Row = {
  title: 'Queue doors',
  isCollapsed: true,
  panels: [
    series(
      'Nodes that read, or stand by',
      'By door. 0: nobody reads it, and what is published waits or, on a channel, is lost.',
      [{ expr: `${byDoor} (${of('yunque_door_up')})`, legend: '{{door}}' }],
      { unit: 'short' },
    ),
    series(
      'Lag',
      'Records that wait at the source. One that grows: handing on is too slow, or nobody reads.',
      [{ expr: `max by (door) (${of('yunque_door_lag')})`, legend: '{{door}}' }],
      { unit: 'short' },
    ),
    series(
      'Records and messages',
      'Taken from the queue, and handed on, a second.',
      [
        { expr: `${byDoor} (${rate('yunque_door_records_total')})`, legend: '{{door}} records' },
        { expr: `${byDoor} (${rate('yunque_door_messages_total')})`, legend: '{{door}} messages' },
      ],
      { unit: 'ops' },
    ),
    series(
      'Dead letters',
      'Records a second that could not be used. What was wrong stands with each of them in the dead letters.',
      [{ expr: `${byDoor} (${rate('yunque_door_parked_total')})`, legend: '{{door}}' }],
      { unit: 'ops' },
    ),
    series(
      'Retries and duplicates',
      'Batches that had to wait and come again, and records that had been handed on before, a second.',
      [
        { expr: `${byDoor} (${rate('yunque_door_retries_total')})`, legend: '{{door}} retries' },
        { expr: `${byDoor} (${rate('yunque_door_duplicates_total')})`, legend: '{{door}} duplicates' },
      ],
      { unit: 'ops' },
    ),
    series(
      'What happened at the sources',
      'A second. gaps and overflowed mean that somebody was not told something.',
      [{ expr: `sum by (door, what) (${rate('yunque_door_events_total')})`, legend: '{{door}} {{what}}' }],
      { unit: 'ops' },
    ),
  ],
};

/** Ways out to backends; empty where there is none. */
export const sinksRow: Row = {
  title: 'Ways out: requests of clients, and events',
  isCollapsed: true,
  panels: [
    series(
      'Up, and waiting',
      'Nodes that can send to it, and what waits over all of them.',
      [
        { expr: `${bySink} (${of('yunque_sink_up')})`, legend: `${sinkLegend} nodes up` },
        { expr: `${bySink} (${of('yunque_sink_waiting')})`, legend: `${sinkLegend} waiting` },
      ],
      { unit: 'short' },
    ),
    series(
      'Sent, failed, dropped',
      'A second. failed are attempts, and come again; dropped is lost.',
      ['sent', 'failed', 'dropped'].map((what) => ({
        expr: `${bySink} (${rate(`yunque_sink_${what}_total`)})`,
        legend: `${sinkLegend} ${what}`,
      })),
      { unit: 'ops' },
    ),
    series(
      'Requests of clients, by route and code',
      'A second, by the code that the client was answered with.',
      [{ expr: `sum by (route, code) (${rate('yunque_uplink_requests_total')})`, legend: '{{route}} {{code}}' }],
      { unit: 'reqps', isStacked: true },
    ),
  ],
};
