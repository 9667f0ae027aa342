import { byNode, nodeLegend, of, type Row, rate, series, table } from './panel.ts';

/** The processes, for those who look for a cause. */
export const processRow: Row = {
  title: 'Processes',
  isCollapsed: true,
  panels: [
    series(
      'Heap in use, of what it may grow to',
      'From 85 % on newcomers are refused. maxHeap sets the limit.',
      [
        {
          expr: `max by (instance, node) (${of('nodejs_heap_size_used_bytes')} / ${of('yunque_heap_limit_bytes')})`,
          legend: nodeLegend,
        },
      ],
      { unit: 'percentunit', max: 1, thresholds: [[0.85, 'red']] },
    ),
    series(
      'File descriptors, of those it may open',
      'Each connection is one; 64 are kept from clients.',
      [
        {
          expr: `max by (instance, node) (${of('process_open_fds')} / ${of('process_max_fds')})`,
          legend: nodeLegend,
        },
      ],
      { unit: 'percentunit', max: 1, thresholds: [[0.8, 'red']] },
    ),
    series(
      'Garbage collection',
      'Part of the time that is spent on it.',
      [{ expr: `${byNode} (${rate('nodejs_gc_duration_seconds_sum')})`, legend: nodeLegend }],
      { unit: 'percentunit', thresholds: [[0.1, 'red']] },
    ),
    series(
      'Standstills',
      'Seconds in the last 10 minutes in which a process did not go on for a second or more: stopped, starved or blocked.',
      [
        {
          expr: `${byNode} (increase(${of('yunque_pause_detected_seconds_total')}[10m]))`,
          legend: nodeLegend,
        },
      ],
      { unit: 's' },
    ),
    series(
      'Lines of log lost',
      'A second: the disk is full, or nobody reads the output.',
      [
        {
          expr: `sum by (instance, node, log) (${rate('yunque_log_lines_lost_total')})`,
          legend: `${nodeLegend} {{log}}`,
        },
      ],
      { unit: 'ops' },
    ),
    series(
      'Uptime',
      'Since the process started.',
      [{ expr: `time() - max by (instance, node) (${of('process_start_time_seconds')})`, legend: nodeLegend }],
      { unit: 's' },
    ),
    series(
      'Starting or draining',
      '1 while a node does not serve in full: it takes no newcomers, and one that drains sends its clients away.',
      [
        {
          expr: `max by (instance, node, state) (${of('yunque_state', 'state!="serving"')})`,
          legend: `${nodeLegend} {{state}}`,
        },
      ],
      { unit: 'none', max: 1 },
    ),
    table(
      'Versions',
      'Versions of the program, by node. Neighbouring versions work side by side; a mix that stays is an upgrade that stopped half-way.',
      { expr: `max by (instance, node, version) (${of('yunque_build_info')})`, legend: '' },
      8,
    ),
    series(
      'Workers',
      'Where a server has several: 1 while the worker answers, and how often it was started again.',
      [
        { expr: `min by (instance, node) (${of('yunque_worker_up')})`, legend: `${nodeLegend} up` },
        { expr: `max by (instance, node) (${of('yunque_worker_restarts')})`, legend: `${nodeLegend} restarts` },
      ],
      { unit: 'short' },
    ),
  ],
};
