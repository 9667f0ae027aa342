import type { BanInfo, KeyRow } from '../api/keys.ts';
import {
  banFields,
  connectionFields,
  groupFields,
  keyFields,
  memberFields,
  systemFields,
  userFields,
} from '../api/list-fields.ts';
import type { ConnectionInfo, GroupInfo, MemberInfo, SystemInfo, UserInfo } from '../api/listing.ts';
import { formatAge, formatBytes, formatExact } from '../util/figures.ts';
import type { Listing } from './output/printer.ts';
import { formatTime } from './output/time.ts';

/** Every listing: its schemas, the columns for people, and the fields for csv and plain. */
export const clientListing: Listing<ConnectionInfo> = {
  schema: 'yunque.clients/1',
  rowSchema: 'yunque.client/1',
  columns: [
    { header: 'CID', cell: ({ cid }) => cid },
    { header: 'UID', cell: ({ uid }) => uid ?? '', least: 16 },
    // What `send --device UID/DEVICE` takes; the name is a word of the client's.
    { header: 'DEVICE', cell: ({ deviceId }) => deviceId ?? '', priority: 7 },
    { header: 'SYSTEM', cell: ({ system }) => system, priority: 8, least: 12 },
    { header: 'NODE', cell: ({ node }) => node, priority: 3, isTelling: areOnSeveral(({ node }) => [node]) },
    { header: 'DIALECT', cell: ({ dialect }) => dialect, priority: 3 },
    { header: 'ADDRESS', cell: ({ remoteAddress }) => remoteAddress, priority: 2, least: 15 },
    { header: 'AGE', cell: ({ ageSeconds }) => formatAge(ageSeconds), align: 'right', priority: 1 },
    { header: 'IDLE', cell: ({ idleSeconds }) => formatAge(idleSeconds), align: 'right', priority: 6 },
    { header: 'SENT', cell: ({ delivered }) => formatExact(delivered), align: 'right', priority: 5 },
    { header: 'QUEUE', cell: ({ queueBytes }) => formatBytes(queueBytes), align: 'right', priority: 4 },
    { header: 'CLIENTID', cell: ({ clientId }) => clientId, priority: 9 },
  ],
  fields: connectionFields,
};

export const userListing: Listing<UserInfo> = {
  schema: 'yunque.users/1',
  rowSchema: 'yunque.user/1',
  columns: [
    { header: 'UID', cell: ({ uid }) => uid },
    { header: 'SYSTEM', cell: ({ system }) => system, priority: 5, least: 12 },
    { header: 'CONNECTIONS', cell: ({ connections }) => formatExact(connections), align: 'right', priority: 1 },
    {
      header: 'NODES',
      cell: ({ nodes }) => nodes.join(' '),
      priority: 3,
      isTelling: areOnSeveral(({ nodes }) => nodes),
    },
    { header: 'BOUND', cell: ({ boundAt }) => formatTime(boundAt), priority: 3 },
    { header: 'DEVICES', cell: ({ devices }) => devices.join(' '), priority: 2, least: 12 },
    { header: 'GROUPS', cell: ({ groups }) => groups.join(' '), priority: 4, least: 12 },
  ],
  fields: userFields,
};

export const groupListing: Listing<GroupInfo> = {
  schema: 'yunque.groups/1',
  rowSchema: 'yunque.group/1',
  columns: [
    { header: 'GROUP', cell: ({ group }) => group },
    { header: 'SYSTEM', cell: ({ system }) => system, priority: 1, least: 12 },
    { header: 'MEMBERS', cell: ({ members }) => formatExact(members), align: 'right' },
  ],
  fields: groupFields,
};

export const memberListing: Listing<MemberInfo> = {
  schema: 'yunque.members/1',
  rowSchema: 'yunque.member/1',
  columns: [
    { header: 'CID', cell: ({ cid }) => cid },
    { header: 'UID', cell: ({ uid }) => uid ?? '', least: 16 },
    { header: 'USERID', cell: ({ userId }) => userId, priority: 1, least: 12 },
    { header: 'EXTEND', cell: ({ extend }) => extend, priority: 2, least: 12 },
    { header: 'DIALECT', cell: ({ dialect }) => dialect, priority: 3 },
    { header: 'NODE', cell: ({ node }) => node, priority: 4 },
    { header: 'CLIENTID', cell: ({ clientId }) => clientId, priority: 5 },
  ],
  fields: memberFields,
};

export const systemListing: Listing<SystemInfo> = {
  schema: 'yunque.systems/1',
  rowSchema: 'yunque.system/1',
  columns: [
    { header: 'SYSTEM', cell: ({ system }) => system },
    { header: 'CONNECTIONS', cell: ({ connections }) => formatExact(connections), align: 'right' },
    { header: 'USERS', cell: ({ users }) => formatExact(users), align: 'right', priority: 1 },
    { header: 'GROUPS', cell: ({ groups }) => formatExact(groups), align: 'right', priority: 2 },
    { header: 'CREATED', cell: ({ createdAt }) => formatTime(createdAt), priority: 3 },
  ],
  fields: systemFields,
};

export const keyListing: Listing<KeyRow> = {
  schema: 'yunque.keys/1',
  rowSchema: 'yunque.key/1',
  columns: [
    { header: 'ID', cell: ({ id }) => id },
    { header: 'OWNER', cell: ({ owner }) => owner, priority: 3 },
    { header: 'SYSTEM', cell: ({ system }) => system ?? '', least: 12 },
    { header: 'ROLE', cell: ({ role }) => role },
    { header: 'CREATED', cell: ({ createdAt }) => formatTime(createdAt), priority: 2 },
    { header: 'EXPIRES', cell: expiryOf, priority: 1 },
  ],
  fields: keyFields,
};

export const banListing: Listing<BanInfo> = {
  schema: 'yunque.bans/1',
  rowSchema: 'yunque.ban/1',
  columns: [
    { header: 'UID', cell: ({ uid }) => uid },
    { header: 'SYSTEM', cell: ({ system }) => system, priority: 2, least: 12 },
    { header: 'UNTIL', cell: ({ until }) => formatTime(until) },
    { header: 'REASON', cell: ({ reason }) => reason, priority: 1, least: 12 },
  ],
  fields: banFields,
};

/** Whether not all rows are on one node. */
function areOnSeveral<T>(nodesOf: (row: T) => readonly string[]): (rows: readonly T[]) => boolean {
  return (rows) => new Set(rows.flatMap(nodesOf)).size > 1;
}

/** A key that has expired is refused and still listed. */
function expiryOf({ expiresAt }: KeyRow): string {
  if (expiresAt === undefined) return 'never';
  return `${formatTime(expiresAt)}${expiresAt <= Date.now() ? ' (expired)' : ''}`;
}
