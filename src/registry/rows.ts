import type { ConnectionInfo, GroupInfo, MemberInfo, UserInfo } from '../api/listing.ts';
import type { Connection } from './connection.ts';
import type { Group, SystemIndex, User } from './system-index.ts';

/** The rows of listings, from what the registry holds. A clientId that nobody has needed yet is empty. */
export function connectionRow(node: string, connection: Connection, now: number): ConnectionInfo {
  const { identity } = connection;
  return {
    cid: String(connection.cid),
    clientId: connection.clientId ?? '',
    system: connection.system,
    dialect: connection.dialect,
    node,
    remoteAddress: connection.remoteAddress,
    connectedAt: connection.connectedAt,
    ageSeconds: Math.max(0, Math.floor((now - connection.connectedAt) / 1000)),
    idleSeconds: Math.floor(connection.idleMs / 1000),
    ...(identity && {
      uid: identity.uid,
      deviceId: identity.deviceId,
      deviceName: identity.deviceName,
      channel: identity.channel,
      boundAt: identity.boundAt,
    }),
    groups: [...(connection.groups?.keys() ?? [])].map((group) => group.name),
    delivered: connection.delivered,
    dropped: connection.dropped,
    queueBytes: connection.queueBytes,
  };
}

export function userRow(node: string, system: string, user: User): UserInfo {
  const identities = [...user.connections].flatMap((c) => c.identity ?? []);
  const groups = new Set([...user.connections].flatMap((c) => [...(c.groups?.keys() ?? [])].map((g) => g.name)));
  return {
    uid: user.uid,
    system,
    connections: user.connections.size,
    devices: [...new Set(identities.map((i) => i.deviceId).filter((id) => id !== ''))],
    groups: [...groups],
    nodes: [node],
    boundAt: Math.max(0, ...identities.map((i) => i.boundAt)),
  };
}

export function groupRow(index: SystemIndex, group: Group): GroupInfo {
  return { group: group.name, system: index.id, members: group.members.size };
}

export function memberRows(node: string, group: Group): MemberInfo[] {
  return [...group.members.places()].map(({ connection, userId, extend }) => ({
    cid: String(connection.cid),
    clientId: connection.clientId ?? '',
    node,
    dialect: connection.dialect,
    ...(connection.identity && { uid: connection.identity.uid }),
    userId,
    extend,
  }));
}
