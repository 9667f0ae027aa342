import type { ConnectionInfo } from '../../api/listing.ts';
import { formatAge, formatBytes, formatCount } from '../../util/figures.ts';
import type { Column } from '../draw/table.ts';
import type { Glyphs } from '../draw/theme.ts';
import { nameOf } from './client-columns.ts';
import { barColumn, figureColumn, textColumn } from './column-kit.ts';

/** One row a connection that has bytes waiting for it. The ids are fields of `ConnectionInfo`: the server sorts by them. */
export function createSlowColumns(glyphs: Glyphs): readonly Column<ConnectionInfo>[] {
  return [
    textColumn({ id: 'uid', title: 'UID/CLIENT', width: 16, maxWidth: 32, priority: 1 }, nameOf),
    textColumn({ id: 'node', title: 'NODE', width: 8, maxWidth: 16, priority: 2 }, (row) => row.node),
    {
      ...figureColumn(
        { id: 'queueBytes', title: 'QUEUE', width: 8, priority: 1 },
        (row) => row.queueBytes,
        formatBytes,
      ),
      tone: (row) => (row.queueBytes > 0 ? 'warn' : undefined),
    },
    {
      ...barColumn({ id: 'bar', title: '', width: 10, maxWidth: 30, priority: 2 }, (row) => row.queueBytes, glyphs.bar),
      tone: () => 'warn',
    },
    {
      ...figureColumn({ id: 'dropped', title: 'DROP', width: 7, priority: 1 }, (row) => row.dropped, formatCount),
      tone: (row) => (row.dropped > 0 ? 'bad' : undefined),
    },
    figureColumn({ id: 'delivered', title: 'DELIV', width: 7, priority: 3 }, (row) => row.delivered, formatCount),
    figureColumn({ id: 'idleSeconds', title: 'IDLE', width: 6, priority: 4 }, (row) => row.idleSeconds, formatAge),
    figureColumn({ id: 'ageSeconds', title: 'AGE', width: 6, priority: 6 }, (row) => row.ageSeconds, formatAge),
    textColumn({ id: 'dialect', title: 'DIALECT', width: 8, priority: 7 }, (row) => row.dialect),
    textColumn(
      { id: 'remoteAddress', title: 'REMOTE', width: 15, maxWidth: 26, priority: 5 },
      (row) => row.remoteAddress,
    ),
    textColumn({ id: 'system', title: 'SYSTEM', width: 8, maxWidth: 16, priority: 8 }, (row) => row.system),
  ];
}
