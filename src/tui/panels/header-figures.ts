import { formatBytes, formatCount } from '../../util/figures.ts';
import { fit, widthOf } from '../../util/text-width.ts';
import { formatCores } from '../draw/format.ts';
import type { Tone } from '../draw/theme.ts';
import type { Snapshot, Totals } from '../feed/snapshot.ts';
import type { Segment } from './line.tsx';

export interface Figure {
  readonly label: string;
  readonly value: string;
  readonly tone?: Tone | undefined;
}

/** Every figure has its place in a grid, so that nothing moves while it changes. */
export const figureWidth = 14;
export const figureGap = 2;

/** Label and value, together as wide as every other. */
export function figureSegments({ label, value, tone }: Figure, width = figureWidth): readonly Segment[] {
  return [
    [label, 'muted'],
    [fit(value, width - widthOf(label), 'right'), tone],
  ];
}

/** How many there are of what, the most important first. */
export function countCells(snapshot: Snapshot, totals: Totals): readonly Figure[] {
  const isWhole = totals.nodes === totals.nodesExpected;
  return [
    { label: 'nodes', value: `${totals.nodes}/${totals.nodesExpected}`, tone: isWhole ? 'title' : 'bad' },
    { label: 'online', value: formatCount(totals.connections), tone: 'title' },
    { label: 'users', value: formatCount(totals.users), tone: 'title' },
    { label: 'groups', value: formatCount(totals.groups), tone: 'title' },
    { label: 'slow', value: formatCount(totals.slowClients), tone: totals.slowClients > 0 ? 'warn' : undefined },
    { label: 'systems', value: formatCount(totals.systems) },
    { label: 'pending', value: formatCount(totals.pending) },
    { label: 'cpu', value: formatCores(snapshot.rates?.cpu) },
    { label: 'queue', value: formatBytes(totals.outboxBytes) },
  ];
}
