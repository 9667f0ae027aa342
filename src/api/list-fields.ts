import type { BanInfo, KeyRow } from './keys.ts';
import type { ConnectionInfo, GroupInfo, MemberInfo, SystemInfo, UserInfo } from './listing.ts';

/** All fields of each kind of row: what a query may name, and the columns of csv, in this order. */
export const connectionFields = [
  'cid',
  'clientId',
  'system',
  'dialect',
  'node',
  'remoteAddress',
  'connectedAt',
  'ageSeconds',
  'idleSeconds',
  'uid',
  'deviceId',
  'deviceName',
  'channel',
  'boundAt',
  'groups',
  'delivered',
  'dropped',
  'queueBytes',
] as const satisfies readonly (keyof ConnectionInfo)[];

export const userFields = [
  'uid',
  'system',
  'connections',
  'devices',
  'groups',
  'nodes',
  'boundAt',
] as const satisfies readonly (keyof UserInfo)[];

export const groupFields = ['group', 'system', 'members'] as const satisfies readonly (keyof GroupInfo)[];

export const memberFields = [
  'cid',
  'clientId',
  'node',
  'dialect',
  'uid',
  'userId',
  'extend',
] as const satisfies readonly (keyof MemberInfo)[];

export const systemFields = [
  'system',
  'createdAt',
  'connections',
  'users',
  'groups',
] as const satisfies readonly (keyof SystemInfo)[];

export const keyFields = [
  'id',
  'owner',
  'system',
  'role',
  'createdAt',
  'expiresAt',
] as const satisfies readonly (keyof KeyRow)[];

export const banFields = ['uid', 'system', 'until', 'reason'] as const satisfies readonly (keyof BanInfo)[];
