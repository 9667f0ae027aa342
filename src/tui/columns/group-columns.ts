import type { GroupInfo } from '../../api/listing.ts';
import { formatExact } from '../../util/figures.ts';
import type { Column } from '../draw/table.ts';
import type { Glyphs } from '../draw/theme.ts';
import { barColumn, figureColumn, textColumn } from './column-kit.ts';

/** One row a group. The ids are fields of `GroupInfo`: the server sorts by them. */
export function createGroupColumns(glyphs: Glyphs): readonly Column<GroupInfo>[] {
  return [
    textColumn({ id: 'group', title: 'GROUP', width: 24, maxWidth: 60, priority: 1 }, (row) => row.group),
    textColumn({ id: 'system', title: 'SYSTEM', width: 12, maxWidth: 24, priority: 3 }, (row) => row.system),
    figureColumn({ id: 'members', title: 'MEMBERS', width: 10, priority: 2 }, (row) => row.members, formatExact),
    barColumn({ id: 'bar', title: '', width: 12, maxWidth: 48, priority: 4 }, (row) => row.members, glyphs.bar),
  ];
}
