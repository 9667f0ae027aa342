import type { ConnectionInfo } from '../../api/listing.ts';
import { formatAge, formatBytes, formatCount } from '../../util/figures.ts';
import type { Column } from '../draw/table.ts';
import { figureColumn, textColumn } from './column-kit.ts';

/** What a person knows a connection by: its user, else its clientId (made when first needed), else its number. Not printable yet. */
export function nameOf(row: ConnectionInfo): string {
  return row.uid || row.clientId || `#${row.cid}`;
}

/** One row a connection. The ids are fields of `ConnectionInfo`: the server sorts by them. */
export const clientColumns: readonly Column<ConnectionInfo>[] = [
  textColumn({ id: 'uid', title: 'UID/CLIENT', width: 18, maxWidth: 32, priority: 1 }, nameOf),
  textColumn(
    { id: 'remoteAddress', title: 'REMOTE', width: 15, maxWidth: 26, priority: 2 },
    (row) => row.remoteAddress,
  ),
  text('dialect', 'DIALECT', 8, 5, (row) => row.dialect),
  text('system', 'SYSTEM', 8, 7, (row) => row.system, 16),
  text('deviceId', 'DEVICE', 10, 8, (row) => row.deviceId ?? '', 36),
  text('node', 'NODE', 8, 4, (row) => row.node, 16),
  figure('ageSeconds', 'AGE', 6, 2, (row) => row.ageSeconds, formatAge),
  figure('idleSeconds', 'IDLE', 6, 6, (row) => row.idleSeconds, formatAge),
  {
    ...figure('queueBytes', 'QUEUE', 8, 2, (row) => row.queueBytes, formatBytes),
    tone: (row) => (row.queueBytes > 0 ? 'warn' : 'muted'),
  },
  figure('delivered', 'DELIV', 7, 3, (row) => row.delivered, formatCount),
  {
    ...figure('dropped', 'DROP', 6, 3, (row) => row.dropped, formatCount),
    tone: (row) => (row.dropped > 0 ? 'bad' : 'muted'),
  },
  figure('groups', 'GROUPS', 6, 9, (row) => row.groups.length, formatCount),
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
  return textColumn({ id, title, width, maxWidth, priority }, of);
}

function figure(
  id: keyof ConnectionInfo,
  title: string,
  width: number,
  priority: number,
  of: (row: ConnectionInfo) => number,
  format: (figure: number) => string,
): Column<ConnectionInfo> {
  return figureColumn({ id, title, width, priority }, of, format);
}
