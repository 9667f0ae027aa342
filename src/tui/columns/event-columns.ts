import type { NodeEvent } from '../../api/event.ts';
import { formatClock } from '../draw/format.ts';
import type { LogEntry } from '../feed/log.ts';
import { type LocalColumn, textColumn } from './column-kit.ts';
import { looksOf, whoOf, whyOf } from './event-words.ts';

export type EventRow = LogEntry<NodeEvent>;

/** One row an event, sorted here. */
export const eventColumns: readonly LocalColumn<EventRow>[] = [
  {
    ...textColumn({ id: 'time', title: 'TIME', width: 8, priority: 1 }, ({ item }: EventRow) => formatClock(item.time)),
    value: (row) => row.number,
  },
  textColumn({ id: 'node', title: 'NODE', width: 8, maxWidth: 16, priority: 3 }, ({ item }) => item.node),
  {
    ...textColumn(
      { id: 'type', title: 'WHAT', width: 14, maxWidth: 16, priority: 1 },
      ({ item }: EventRow) => `${looksOf(item).mark} ${item.type.replace('_', ' ')}`,
    ),
    tone: ({ item }) => looksOf(item).tone,
  },
  textColumn({ id: 'who', title: 'WHO', width: 14, maxWidth: 28, priority: 2 }, ({ item }) => whoOf(item)),
  textColumn({ id: 'why', title: 'WHY', width: 26, maxWidth: 200, priority: 2 }, ({ item }) => whyOf(item)),
];
