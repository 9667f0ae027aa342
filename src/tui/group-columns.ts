import type { GroupInfo } from '../api/listing.ts';
import { sanitizeLine } from '../util/control-characters.ts';
import { formatCount } from '../util/figures.ts';
import type { Column } from './table.ts';

/** One row a group. The ids are fields of `GroupInfo`: the server sorts by them. */
export const groupColumns: readonly Column<GroupInfo>[] = [
  {
    id: 'group',
    title: 'GROUP',
    width: 24,
    maxWidth: 60,
    align: 'left',
    priority: 1,
    isSortable: true,
    text: (row) => sanitizeLine(row.group),
  },
  {
    id: 'system',
    title: 'SYSTEM',
    width: 12,
    maxWidth: 24,
    align: 'left',
    priority: 3,
    isSortable: true,
    text: (row) => sanitizeLine(row.system),
  },
  {
    id: 'members',
    title: 'MEMBERS',
    width: 9,
    align: 'right',
    priority: 2,
    isSortable: true,
    text: (row) => formatCount(row.members),
  },
];
