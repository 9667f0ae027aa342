import type { NodeEvent } from '../api/event.ts';
import { sanitizeLine } from '../util/control-characters.ts';
import type { LocalColumn } from './column-kit.ts';
import { formatClock } from './format.ts';
import type { LogEntry } from './log.ts';

export type EventRow = LogEntry<NodeEvent>;

/** One row an event, sorted here. */
export const eventColumns: readonly LocalColumn<EventRow>[] = [
  {
    ...text('time', 'TIME', 8, 1, (row) => formatClock(row.time)),
    value: (row) => row.number,
  },
  text('node', 'NODE', 10, 3, (row) => row.node, 16),
  text('type', 'TYPE', 13, 1, (row) => row.type),
  text('what', 'WHAT', 24, 2, wordsOf, 200),
];

/** All of an event but its envelope. */
export function wordsOf({ sequence: _s, time: _t, node: _n, type: _y, ...rest }: NodeEvent): string {
  return Object.entries(rest)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

function text(
  id: string,
  title: string,
  width: number,
  priority: number,
  of: (row: NodeEvent) => string,
  maxWidth = width,
): LocalColumn<EventRow> {
  return {
    id,
    title,
    width,
    maxWidth,
    align: 'left',
    priority,
    isSortable: true,
    text: (row) => sanitizeLine(of(row.item)),
    value: (row) => of(row.item),
  };
}
