import type { SystemInfo } from '../../api/listing.ts';
import { formatCount } from '../../util/figures.ts';
import { formatDay } from '../draw/format.ts';
import type { Column } from '../draw/table.ts';
import type { Glyphs } from '../draw/theme.ts';
import { barColumn, figureColumn, textColumn } from './column-kit.ts';

/** One row a system. The ids are fields of `SystemInfo`: the server sorts by them. */
export function createSystemColumns(glyphs: Glyphs): readonly Column<SystemInfo>[] {
  const figure = (id: keyof SystemInfo, title: string, priority: number, of: (row: SystemInfo) => number) =>
    figureColumn({ id, title, width: 8, priority }, of, formatCount);
  return [
    textColumn({ id: 'system', title: 'SYSTEM', width: 16, maxWidth: 40, priority: 1 }, (row) => row.system),
    figure('connections', 'CONNS', 1, (row) => row.connections),
    figure('users', 'USERS', 2, (row) => row.users),
    figure('groups', 'GROUPS', 3, (row) => row.groups),
    textColumn({ id: 'createdAt', title: 'CREATED', width: 10, priority: 4 }, (row) => formatDay(row.createdAt)),
    barColumn({ id: 'bar', title: '', width: 12, maxWidth: 48, priority: 5 }, (row) => row.connections, glyphs.bar),
  ];
}
