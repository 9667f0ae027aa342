import type {
  JoinCommand,
  LeaveCommand,
  MemberSelector,
  MembershipResult,
  RemoveGroupCommand,
} from '../api/command.ts';
import { YunqueError } from '../api/errors.ts';
import type { Connection } from '../registry/connection.ts';
import { joinGroup, joinGroupAsUser, leaveGroup, leaveGroupAsUser } from '../registry/groups.ts';
import { select } from '../registry/select.ts';
import type { MembershipChange, User } from '../registry/system-index.ts';
import type { NodeContext } from './node-context.ts';
import { announce } from './notices.ts';
import { requireId, requireSystem } from './require-system.ts';

/** Throws `unknown_system`, `bad_request` for an impossible name, `limit_reached` for one group too many. */
export async function handleJoin(node: NodeContext, command: JoinCommand): Promise<MembershipResult> {
  await requireSystem(node, command.system);
  requireId(node, 'groupName', command.group);
  const found = findMembers(node, command.system, command.members);
  const index = node.registry.system(command.system);
  if (index === undefined) return { matched: 0, changed: 0, unknown: found.unknown };
  for (const connection of found.connections) requireRoomForGroup(node, connection, command.group);
  const labels = { userId: command.userId ?? '', extend: command.extend ?? '' };
  const changes = [
    ...found.direct.flatMap((connection) => joinGroup(index, command.group, connection, labels) ?? []),
    ...found.users.flatMap((user) => joinGroupAsUser(index, command.group, user, labels)),
  ];
  await Promise.all([announce(node, 'online', command.system, changes), node.groupsKnown?.()]);
  return { matched: found.connections.length, changed: changes.length, unknown: found.unknown };
}

/** Throws `unknown_system`. Leaving a group that is not there changes nothing. */
export async function handleLeave(node: NodeContext, command: LeaveCommand): Promise<MembershipResult> {
  await requireSystem(node, command.system);
  const found = findMembers(node, command.system, command.members);
  const index = node.registry.system(command.system);
  const group = index?.groups.get(command.group);
  if (index === undefined || group === undefined) {
    return { matched: found.connections.length, changed: 0, unknown: found.unknown };
  }
  const changes = [
    ...found.direct.flatMap((connection) => leaveGroup(index, group, connection) ?? []),
    ...found.users.flatMap((user) => leaveGroupAsUser(index, group, user)),
  ];
  await announce(node, 'offline', command.system, changes);
  return { matched: found.connections.length, changed: changes.length, unknown: found.unknown };
}

/** Takes everybody out of the group, without notices: nobody is left to get them. Throws `unknown_system`. */
export async function handleRemoveGroup(node: NodeContext, command: RemoveGroupCommand): Promise<{ removed: number }> {
  await requireSystem(node, command.system);
  const index = node.registry.system(command.system);
  const group = index?.groups.get(command.group);
  if (index === undefined || group === undefined) return { removed: 0 };
  const members: MembershipChange[] = [...group.members.places()].map((membership) => ({
    group,
    connection: membership.connection,
    membership,
  }));
  for (const uid of [...group.users.keys()]) {
    const user = index.users.get(uid);
    if (user !== undefined) leaveGroupAsUser(index, group, user);
  }
  for (const { connection } of members) leaveGroup(index, group, connection);
  await announce(node, 'offline', command.system, members, { silent: true });
  return { removed: members.length };
}

interface FoundMembers {
  /** All connections meant, whichever way. */
  readonly connections: readonly Connection[];
  readonly direct: readonly Connection[];
  readonly users: readonly User[];
  readonly unknown: readonly string[];
}

function findMembers(node: NodeContext, system: string, members: MemberSelector): FoundMembers {
  if (members.by === 'connections') {
    const { connections, unknown = [] } = select(node.registry, system, { to: 'connections', ids: members.ids });
    const direct = [...connections];
    return { connections: direct, direct, users: [], unknown };
  }
  const index = node.registry.system(system);
  const uids = [...new Set(members.uids)];
  const users = uids.flatMap((uid) => index?.users.get(uid) ?? []);
  const unknown = uids.filter((uid) => !index?.users.has(uid));
  return { connections: users.flatMap((user) => [...user.connections]), direct: [], users, unknown };
}

function requireRoomForGroup(node: NodeContext, connection: Connection, group: string): void {
  const { groups } = connection;
  if (groups === undefined || groups.size < node.limits.groupsPerConnection) return;
  if ([...groups.keys()].some((joined) => joined.name === group)) return;
  throw new YunqueError('limit_reached', `connection ${connection.cid} is in ${groups.size} groups already`, {
    field: 'groupName',
    hint: 'raise limits.groupsPerConnection',
  });
}
