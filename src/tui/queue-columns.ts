import type { DoorFigures, SinkFigures } from '../api/stats.ts';
import { sanitizeLine } from '../util/control-characters.ts';
import { formatCount } from '../util/figures.ts';
import type { LocalColumn } from './column-kit.ts';

/** A queue that a node reads, or writes to. */
export type QueueRow =
  | { readonly way: 'in'; readonly node: string; readonly door: DoorFigures }
  | { readonly way: 'out'; readonly node: string; readonly sink: SinkFigures };

/** One row a queue and node, sorted here. */
export const queueColumns: readonly LocalColumn<QueueRow>[] = [
  text('name', 'QUEUE', 20, 1, nameOfQueue, 40),
  text('way', 'WAY', 3, 1, (row) => row.way),
  text('node', 'NODE', 10, 4, (row) => row.node, 16),
  text('kind', 'KIND', 9, 3, (row) => figuresOf(row).kind),
  {
    ...text('state', 'STATE', 10, 1, (row) => figuresOf(row).state),
    tone: (row) => (figuresOf(row).state === 'failing' ? 'bad' : undefined),
  },
  figure('lag', 'LAG', (row) => (row.way === 'in' ? row.door.lag : row.sink.waiting)),
  figure('messages', 'MESSAGES', (row) => (row.way === 'in' ? row.door.messages : row.sink.sent)),
  figure('failed', 'FAILED', (row) => (row.way === 'in' ? row.door.parked : row.sink.failed)),
];

export function nameOfQueue(row: QueueRow): string {
  return figuresOf(row).name;
}

export function figuresOf(row: QueueRow): DoorFigures | SinkFigures {
  return row.way === 'in' ? row.door : row.sink;
}

function text(
  id: string,
  title: string,
  width: number,
  priority: number,
  of: (row: QueueRow) => string,
  maxWidth = width,
): LocalColumn<QueueRow> {
  return {
    id,
    title,
    width,
    maxWidth,
    align: 'left',
    priority,
    isSortable: true,
    text: (row) => sanitizeLine(of(row)),
    value: of,
  };
}

function figure(id: string, title: string, of: (row: QueueRow) => number | undefined): LocalColumn<QueueRow> {
  return {
    id,
    title,
    width: 9,
    align: 'right',
    priority: 2,
    isSortable: true,
    text: (row) => formatCount(of(row)),
    value: (row) => of(row) ?? Number.NEGATIVE_INFINITY,
  };
}
