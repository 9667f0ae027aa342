import type { DoorFigures, SinkFigures } from '../../api/stats.ts';
import { formatCount, formatRate } from '../../util/figures.ts';
import type { Glyphs, Tone } from '../draw/theme.ts';
import { figureColumn, type LocalColumn, marked, textColumn } from './column-kit.ts';

/** A queue that a node reads, or writes to. */
export type QueueRow =
  | { readonly way: 'in'; readonly node: string; readonly door: DoorFigures }
  | { readonly way: 'out'; readonly node: string; readonly sink: SinkFigures };

const states = {
  connecting: { glyph: 'idle', tone: 'warn' },
  reading: { glyph: 'ok', tone: 'ok' },
  ready: { glyph: 'ok', tone: 'ok' },
  standby: { glyph: 'idle', tone: 'muted' },
  failing: { glyph: 'critical', tone: 'bad' },
  closed: { glyph: 'gone', tone: 'muted' },
} as const satisfies Record<
  (DoorFigures | SinkFigures)['state'],
  { readonly glyph: keyof Glyphs; readonly tone: Tone }
>;

/** Also of a state that this program does not know: nodes may be newer. */
function looksOf(row: QueueRow): { readonly glyph: keyof Glyphs; readonly tone: Tone } {
  const { state } = figuresOf(row);
  return Object.hasOwn(states, state) ? states[state] : { glyph: 'idle', tone: 'warn' };
}

/** One row a queue and node, sorted here. `figures`: what went through in a second, or since the node started. */
export function createQueueColumns(glyphs: Glyphs, figures: 'rates' | 'totals'): readonly LocalColumn<QueueRow>[] {
  return [
    textColumn({ id: 'name', title: 'QUEUE', width: 12, maxWidth: 40, priority: 1 }, nameOfQueue),
    {
      ...textColumn({ id: 'way', title: 'WAY', width: 5, priority: 2 }, (row: QueueRow) =>
        marked(glyphs[row.way], row.way),
      ),
      tone: (row) => (row.way === 'in' ? 'ok' : 'accent'),
    },
    textColumn({ id: 'kind', title: 'KIND', width: 8, priority: 3 }, (row) => figuresOf(row).kind),
    textColumn({ id: 'node', title: 'NODE', width: 8, maxWidth: 16, priority: 3 }, (row) => row.node),
    {
      ...textColumn({ id: 'state', title: 'STATE', width: 12, priority: 1 }, (row: QueueRow) => {
        const { state } = figuresOf(row);
        return marked(glyphs[looksOf(row).glyph], state);
      }),
      tone: (row) => looksOf(row).tone,
    },
    figureColumn({ id: 'lag', title: 'LAG', width: 7, priority: 1 }, lagOf, formatCount),
    figures === 'rates'
      ? figureColumn(
          { id: 'messages', title: 'MSG/S', width: 7, priority: 2 },
          (row) => (row.way === 'in' ? row.door.perSecond : undefined),
          formatRate,
        )
      : figureColumn({ id: 'messages', title: 'MSGS', width: 7, priority: 2 }, messagesOf, formatCount),
    trouble('lost', 'LOST', 5, 2, lostOf),
    figureColumn({ id: 'retries', title: 'RETRY', width: 5, priority: 3 }, retriesOf, formatCount),
    figureColumn(
      { id: 'duplicates', title: 'AGAIN', width: 7, priority: 7 },
      (row) => (row.way === 'in' ? row.door.duplicates : undefined),
      formatCount,
    ),
    {
      ...textColumn(
        { id: 'failure', title: 'FAILURE', width: 24, maxWidth: 120, priority: 6 },
        (row: QueueRow) => figuresOf(row).failure ?? '',
      ),
      tone: () => 'bad',
    },
  ];
}

/** What waits: at the source, or here for the way out. */
function lagOf(row: QueueRow): number | undefined {
  return row.way === 'in' ? row.door.lag : row.sink.waiting;
}

/** What a client asked of a route is not tried again: the client is told that it failed. Events are, until they are dropped. */
function isTriedOnce({ use }: SinkFigures): boolean {
  return use === 'uplink';
}

/** What will not come any more. */
function lostOf(row: QueueRow): number {
  if (row.way === 'in') return row.door.parked;
  return row.sink.dropped + (isTriedOnce(row.sink) ? row.sink.failed : 0);
}

/** Attempts that failed, and were or will be made again. */
function retriesOf(row: QueueRow): number | undefined {
  if (row.way === 'in') return row.door.retries;
  return isTriedOnce(row.sink) ? undefined : row.sink.failed;
}

export function nameOfQueue(row: QueueRow): string {
  return figuresOf(row).name;
}

export function figuresOf(row: QueueRow): DoorFigures | SinkFigures {
  return row.way === 'in' ? row.door : row.sink;
}

function messagesOf(row: QueueRow): number {
  return row.way === 'in' ? row.door.messages : row.sink.sent;
}

function trouble(
  id: string,
  title: string,
  width: number,
  priority: number,
  of: (row: QueueRow) => number,
): LocalColumn<QueueRow> {
  return {
    ...figureColumn({ id, title, width, priority }, of, formatCount),
    tone: (row) => (of(row) > 0 ? 'bad' : undefined),
  };
}
