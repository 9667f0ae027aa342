import type { SystemInfo } from '../api/listing.ts';
import { sanitizeLine } from '../util/control-characters.ts';
import { formatCount } from '../util/figures.ts';
import type { Column } from './table.ts';

/** One row a system. The ids are fields of `SystemInfo`: the server sorts by them. */
export const systemColumns: readonly Column<SystemInfo>[] = [
  {
    id: 'system',
    title: 'SYSTEM',
    width: 24,
    maxWidth: 60,
    align: 'left',
    priority: 1,
    isSortable: true,
    text: (row) => sanitizeLine(row.system),
  },
  figure('connections', 'CONNS', (row) => row.connections),
  figure('users', 'USERS', (row) => row.users),
  figure('groups', 'GROUPS', (row) => row.groups),
];

function figure(id: keyof SystemInfo, title: string, of: (row: SystemInfo) => number): Column<SystemInfo> {
  return {
    id,
    title,
    width: 9,
    align: 'right',
    priority: 2,
    isSortable: true,
    text: (row) => formatCount(of(row)),
  };
}
