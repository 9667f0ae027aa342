import type { ConnectionInfo, GroupInfo, MemberInfo, UserInfo } from '../api/listing.ts';
import type { Connection } from './connection.ts';
import type { Group, Membership, SystemIndex, User } from './system-index.ts';

/** How each field of a listing's row is read from what the registry holds; undefined: this row has none. In the order of the fields. */
export type Readers<Item, Row> = { readonly [F in keyof Row & string]-?: (item: Item) => Row[F] | undefined };

/** A row with all its fields. */
export function rowOf<Item, Row>(item: Item, read: Readers<Item, Row>): Row {
  const row: Partial<Record<string, unknown>> = {};
  for (const field of Object.keys(read) as (keyof Row & string)[]) {
    const value = read[field](item);
    if (value !== undefined) row[field] = value;
  }
  return row as Row;
}

/** `now`: milliseconds since the epoch. A clientId that nobody has needed yet is empty. */
export function connectionReaders(node: string, now: number): Readers<Connection, ConnectionInfo> {
  return {
    cid: ({ cid }) => String(cid),
    clientId: ({ clientId }) => clientId ?? '',
    system: ({ system }) => system,
    dialect: ({ dialect }) => dialect,
    node: () => node,
    remoteAddress: ({ remoteAddress }) => remoteAddress,
    connectedAt: ({ connectedAt }) => connectedAt,
    ageSeconds: ({ connectedAt }) => Math.max(0, Math.floor((now - connectedAt) / 1000)),
    idleSeconds: ({ idleMs }) => Math.floor(idleMs / 1000),
    uid: ({ identity }) => identity?.uid,
    deviceId: ({ identity }) => identity?.deviceId,
    deviceName: ({ identity }) => identity?.deviceName,
    channel: ({ identity }) => identity?.channel,
    boundAt: ({ identity }) => identity?.boundAt,
    groups: ({ groups }) => (groups === undefined ? [] : Array.from(groups.keys(), (group) => group.name)),
    delivered: ({ delivered }) => delivered,
    dropped: ({ dropped }) => dropped,
    queueBytes: ({ queueBytes }) => queueBytes,
  };
}

export function connectionRow(node: string, connection: Connection, now: number): ConnectionInfo {
  return rowOf(connection, connectionReaders(node, now));
}

export function userReaders(node: string, system: string): Readers<User, UserInfo> {
  return {
    uid: ({ uid }) => uid,
    system: () => system,
    connections: ({ connections }) => connections.size,
    devices: ({ connections }) => {
      const devices = new Set<string>();
      for (const { identity } of connections) if (identity && identity.deviceId !== '') devices.add(identity.deviceId);
      return [...devices];
    },
    groups: ({ connections }) => {
      const groups = new Set<string>();
      for (const connection of connections) for (const { name } of connection.groups?.keys() ?? []) groups.add(name);
      return [...groups];
    },
    nodes: () => [node],
    boundAt: ({ connections }) => {
      let newest = 0;
      for (const { identity } of connections) newest = Math.max(newest, identity?.boundAt ?? 0);
      return newest;
    },
  };
}

export function groupReaders({ id }: Pick<SystemIndex, 'id'>): Readers<Group, GroupInfo> {
  return {
    group: ({ name }) => name,
    system: () => id,
    members: ({ members }) => members.size,
  };
}

/** As `connectionReaders` of clientIds. */
export function memberReaders(node: string): Readers<Membership, MemberInfo> {
  return {
    cid: ({ connection }) => String(connection.cid),
    clientId: ({ connection }) => connection.clientId ?? '',
    node: () => node,
    dialect: ({ connection }) => connection.dialect,
    uid: ({ connection }) => connection.identity?.uid,
    userId: ({ userId }) => userId,
    extend: ({ extend }) => extend,
  };
}
