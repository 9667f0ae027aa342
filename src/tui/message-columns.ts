import type { TailCopy } from '../api/tail.ts';
import { sanitizeLine } from '../util/control-characters.ts';
import { formatBytes } from '../util/figures.ts';
import type { LocalColumn } from './column-kit.ts';
import { formatClock } from './format.ts';
import type { LogEntry } from './log.ts';

export type MessageRow = LogEntry<TailCopy>;

/** One row a copy of a message, sorted here. */
export const messageColumns: readonly LocalColumn<MessageRow>[] = [
  {
    ...text('time', 'TIME', 8, 1, (row) => formatClock(row.time)),
    value: (row) => row.number,
  },
  text('direction', 'DIR', 3, 1, (row) => row.direction),
  text('target', 'FOR', 18, 1, receiverOf, 30),
  text('kind', 'KIND', 8, 4, (row) => row.kind),
  {
    ...text('bytes', 'BYTES', 8, 3, (row) => formatBytes(row.bytes)),
    align: 'right',
    value: (row) => row.item.bytes,
  },
  text('body', 'BODY', 24, 2, (row) => row.body, 200),
];

/** Whom it is for, or who it is from. */
export function receiverOf({ target, cid, uid }: TailCopy): string {
  if (!target) return uid ?? `#${cid ?? ''}`;
  switch (target.to) {
    case 'connections':
      return target.ids.join(', ');
    case 'users':
    case 'userConnections':
      return target.uids.join(', ');
    case 'device':
      return `${target.uid}, ${target.deviceId}`;
    case 'groups':
      return target.groups.join(', ');
    case 'system':
      return 'all';
  }
}

function text(
  id: string,
  title: string,
  width: number,
  priority: number,
  of: (row: TailCopy) => string,
  maxWidth = width,
): LocalColumn<MessageRow> {
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
