import type { ConnectionInfo } from '../api/listing.ts';
import { sanitizeLine } from '../util/control-characters.ts';
import { formatAge, formatBytes, formatCount } from '../util/figures.ts';
import type { Column } from './table.ts';

/** What a person knows a connection by: its user, else its clientId (made when first needed), else its number. */
export function nameOf(row: ConnectionInfo): string {
  return row.uid || row.clientId || `#${row.cid}`;
}

/** One row a connection. The ids are fields of `ConnectionInfo`: the server sorts by them. */
export const clientColumns: readonly Column<ConnectionInfo>[] = [
  {
    id: 'uid',
    title: 'UID/CLIENT',
    width: 18,
    maxWidth: 32,
    align: 'left',
    priority: 1,
    isSortable: true,
    text: (row) => sanitizeLine(nameOf(row)),
  },
  {
    id: 'remoteAddress',
    title: 'REMOTE',
    width: 15,
    maxWidth: 26,
    align: 'left',
    priority: 2,
    isSortable: true,
    text: (row) => sanitizeLine(row.remoteAddress),
  },
  text('dialect', 'DIALECT', 8, 4, (row) => row.dialect),
  text('system', 'SYSTEM', 8, 7, (row) => row.system, 16),
  text('deviceId', 'DEVICE', 10, 8, (row) => row.deviceId ?? '', 36),
  text('node', 'NODE', 8, 9, (row) => row.node, 16),
  figure('ageSeconds', 'AGE', 7, 2, (row) => formatAge(row.ageSeconds)),
  figure('idleSeconds', 'IDLE', 6, 5, (row) => formatAge(row.idleSeconds)),
  {
    ...figure('queueBytes', 'QUEUE', 8, 2, (row) => formatBytes(row.queueBytes)),
    tone: (row) => (row.queueBytes > 0 ? 'warn' : undefined),
  },
  figure('delivered', 'DELIV', 7, 3, (row) => formatCount(row.delivered)),
  {
    ...figure('dropped', 'DROP', 6, 3, (row) => formatCount(row.dropped)),
    tone: (row) => (row.dropped > 0 ? 'bad' : undefined),
  },
  figure('groups', 'GROUPS', 6, 8, (row) => formatCount(row.groups.length)),
  text('clientId', 'CLIENT', 20, 10, (row) => row.clientId || `#${row.cid}`, 44),
];

function text(
  id: keyof ConnectionInfo,
  title: string,
  width: number,
  priority: number,
  of: (row: ConnectionInfo) => string,
  maxWidth = width,
): Column<ConnectionInfo> {
  return {
    id,
    title,
    width,
    maxWidth,
    align: 'left',
    priority,
    isSortable: true,
    text: (row) => sanitizeLine(of(row)),
  };
}

function figure(
  id: keyof ConnectionInfo,
  title: string,
  width: number,
  priority: number,
  of: (row: ConnectionInfo) => string,
): Column<ConnectionInfo> {
  return { id, title, width, align: 'right', priority, isSortable: true, text: of };
}
