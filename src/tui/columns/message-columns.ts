import type { TailCopy } from '../../api/tail.ts';
import { formatBytes, formatCount } from '../../util/figures.ts';
import { formatClock } from '../draw/format.ts';
import type { Glyphs } from '../draw/theme.ts';
import type { LogEntry } from '../feed/log.ts';
import { figureColumn, type LocalColumn, marked, textColumn } from './column-kit.ts';

export type MessageRow = LogEntry<TailCopy>;

/** One row a copy of a message, sorted here. */
export function createMessageColumns(glyphs: Glyphs): readonly LocalColumn<MessageRow>[] {
  return [
    {
      ...textColumn({ id: 'time', title: 'TIME', width: 8, priority: 1 }, ({ item }: MessageRow) =>
        formatClock(item.time),
      ),
      value: (row) => row.number,
    },
    {
      ...textColumn({ id: 'direction', title: 'DIR', width: 5, priority: 1 }, ({ item }: MessageRow) =>
        marked(glyphs[item.direction], item.direction),
      ),
      tone: ({ item }) => (item.direction === 'in' ? 'ok' : 'accent'),
    },
    textColumn({ id: 'target', title: 'WHO', width: 16, maxWidth: 32, priority: 1 }, ({ item }) => receiverOf(item)),
    textColumn({ id: 'kind', title: 'KIND', width: 6, maxWidth: 12, priority: 4 }, ({ item }) => item.kind),
    textColumn({ id: 'door', title: 'DOOR', width: 8, priority: 6 }, ({ item }) => item.door ?? ''),
    textColumn({ id: 'node', title: 'NODE', width: 8, maxWidth: 16, priority: 5 }, ({ item }) => item.node),
    textColumn({ id: 'system', title: 'SYSTEM', width: 8, maxWidth: 16, priority: 7 }, ({ item }) => item.system),
    figureColumn(
      { id: 'bytes', title: 'SIZE', width: 8, priority: 3 },
      ({ item }: MessageRow) => item.bytes,
      formatBytes,
    ),
    figureColumn({ id: 'delivered', title: 'DELIV', width: 7, priority: 2 }, ({ item }) => item.delivered, formatCount),
    {
      ...figureColumn(
        { id: 'dropped', title: 'DROP', width: 5, priority: 3 },
        ({ item }: MessageRow) => droppedOf(item),
        formatCount,
      ),
      tone: ({ item }) => ((droppedOf(item) ?? 0) > 0 ? 'bad' : undefined),
    },
    textColumn({ id: 'body', title: 'BODY', width: 20, maxWidth: 200, priority: 2 }, ({ item }) => item.body),
  ];
}

/** Over all reasons; undefined where nobody counted. */
export function droppedOf({ matched, dropped }: TailCopy): number | undefined {
  if (matched === undefined && dropped === undefined) return undefined;
  return Object.values(dropped ?? {}).reduce((sum, count) => sum + count, 0);
}

/** Whom it is for, or who it is from; not printable yet. */
export function receiverOf({ target, targets, cid, uid }: TailCopy): string {
  if (!target) return uid || `#${cid ?? ''}`;
  switch (target.to) {
    case 'connections':
      return listOf(target.ids, targets);
    case 'users':
    case 'userConnections':
      return listOf(target.uids, targets);
    case 'device':
      return `${target.uid}/${target.deviceId}`;
    case 'groups':
      return `group ${listOf(target.groups, targets)}`;
    case 'system':
      return 'everyone';
  }
}

function listOf(names: readonly string[], all = names.length): string {
  const more = all > names.length ? ` and ${formatCount(all - names.length)} more` : '';
  return names.join(', ') + more;
}
