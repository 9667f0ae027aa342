import { connectionFields, groupFields, memberFields, systemFields, userFields } from '../api/list-fields.ts';
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
    { header: 'UID', cell: ({ uid }) => uid ?? '' },
    { header: 'DEVICE', cell: ({ deviceName, deviceId }) => deviceName || deviceId || '' },
    { header: 'SYSTEM', cell: ({ system }) => system },
    { header: 'DIALECT', cell: ({ dialect }) => dialect },
    { header: 'ADDRESS', cell: ({ remoteAddress }) => remoteAddress },
    { header: 'AGE', cell: ({ ageSeconds }) => formatAge(ageSeconds), align: 'right' },
    { header: 'IDLE', cell: ({ idleSeconds }) => formatAge(idleSeconds), align: 'right' },
    { header: 'SENT', cell: ({ delivered }) => formatExact(delivered), align: 'right' },
    { header: 'QUEUE', cell: ({ queueBytes }) => formatBytes(queueBytes), align: 'right' },
    { header: 'CLIENTID', cell: ({ clientId }) => clientId },
  ],
  fields: connectionFields,
};

export const userListing: Listing<UserInfo> = {
  schema: 'yunque.users/1',
  rowSchema: 'yunque.user/1',
  columns: [
    { header: 'UID', cell: ({ uid }) => uid },
    { header: 'SYSTEM', cell: ({ system }) => system },
    { header: 'CONNECTIONS', cell: ({ connections }) => formatExact(connections), align: 'right' },
    { header: 'BOUND', cell: ({ boundAt }) => formatTime(boundAt) },
    { header: 'DEVICES', cell: ({ devices }) => devices.join(' ') },
    { header: 'GROUPS', cell: ({ groups }) => groups.join(' ') },
  ],
  fields: userFields,
};

export const groupListing: Listing<GroupInfo> = {
  schema: 'yunque.groups/1',
  rowSchema: 'yunque.group/1',
  columns: [
    { header: 'GROUP', cell: ({ group }) => group },
    { header: 'SYSTEM', cell: ({ system }) => system },
    { header: 'MEMBERS', cell: ({ members }) => formatExact(members), align: 'right' },
  ],
  fields: groupFields,
};

export const memberListing: Listing<MemberInfo> = {
  schema: 'yunque.members/1',
  rowSchema: 'yunque.member/1',
  columns: [
    { header: 'CID', cell: ({ cid }) => cid },
    { header: 'UID', cell: ({ uid }) => uid ?? '' },
    { header: 'USERID', cell: ({ userId }) => userId },
    { header: 'EXTEND', cell: ({ extend }) => extend },
    { header: 'DIALECT', cell: ({ dialect }) => dialect },
    { header: 'NODE', cell: ({ node }) => node },
    { header: 'CLIENTID', cell: ({ clientId }) => clientId },
  ],
  fields: memberFields,
};

export const systemListing: Listing<SystemInfo> = {
  schema: 'yunque.systems/1',
  rowSchema: 'yunque.system/1',
  columns: [
    { header: 'SYSTEM', cell: ({ system }) => system },
    { header: 'CONNECTIONS', cell: ({ connections }) => formatExact(connections), align: 'right' },
    { header: 'USERS', cell: ({ users }) => formatExact(users), align: 'right' },
    { header: 'GROUPS', cell: ({ groups }) => formatExact(groups), align: 'right' },
    { header: 'CREATED', cell: ({ createdAt }) => formatTime(createdAt) },
  ],
  fields: systemFields,
};
