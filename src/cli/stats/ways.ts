import type { ClusterStats, DoorFigures, SinkFigures } from '../../api/stats.ts';
import { formatCount } from '../../util/figures.ts';
import type { Column } from '../output/table.ts';

type Of<T> = T & { readonly node: string };

/** The queue doors of all nodes, by node and then as each lists them. */
export function doorRowsOf({ nodes }: ClusterStats): Of<DoorFigures>[] {
  return nodes.flatMap(({ node, doors = [] }) => doors.map((door) => ({ ...door, node })));
}

/** The same of ways out. */
export function sinkRowsOf({ nodes }: ClusterStats): Of<SinkFigures>[] {
  return nodes.flatMap(({ node, sinks = [] }) => sinks.map((sink) => ({ ...sink, node })));
}

const failure = {
  header: 'WHY NOT',
  cell: (row: { readonly failure?: string }) => row.failure ?? '',
  isTelling: (rows: readonly { readonly failure?: string }[]) => rows.some((row) => row.failure !== undefined),
  least: 12,
  priority: 1,
};

/** Counts of a row, in a column each. */
function count<T>(header: string, of: (row: T) => number | undefined, priority?: number): Column<T> {
  const cell = (row: T) => {
    const value = of(row);
    return value === undefined ? '-' : formatCount(value);
  };
  return { header, cell, align: 'right', ...(priority !== undefined && { priority }) };
}

export const doorColumns: readonly Column<Of<DoorFigures>>[] = [
  { header: 'DOOR', cell: ({ name }) => name },
  { header: 'NODE', cell: ({ node }) => node, priority: 2 },
  { header: 'STATE', cell: ({ state }) => state },
  count('LAG', ({ lag }) => lag),
  count('RECORDS', ({ records }) => records, 5),
  count('MESSAGES', ({ messages }) => messages, 4),
  count('MSG/S', ({ perSecond }) => Math.round(perSecond)),
  count('PARKED', ({ parked }) => parked),
  count('DUPLICATES', ({ duplicates }) => duplicates, 6),
  count('RETRIES', ({ retries }) => retries, 7),
  failure,
];

export const sinkColumns: readonly Column<Of<SinkFigures>>[] = [
  { header: 'WAY OUT', cell: ({ name }) => name },
  { header: 'NODE', cell: ({ node }) => node, priority: 2 },
  { header: 'FOR', cell: ({ use }) => use, priority: 3 },
  { header: 'STATE', cell: ({ state }) => state },
  count('WAITING', ({ waiting }) => waiting),
  count('SENT', ({ sent }) => sent, 4),
  count('FAILED', ({ failed }) => failed),
  count('DROPPED', ({ dropped }) => dropped),
  failure,
];
