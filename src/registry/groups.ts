import type { Connection } from './connection.ts';
import type { Group, Labels, MembershipChange, SystemIndex, User } from './system-index.ts';

/** Adds a connection to a group; undefined when it is a member already (its labels stay as they were). */
export function joinGroup(
  index: SystemIndex,
  name: string,
  connection: Connection,
  labels: Labels,
): MembershipChange | undefined {
  return joinConnection(groupFor(index, name), connection, labels);
}

/** Adds a user: all its connections now, and later ones as they bind. One that joined already keeps its labels. */
export function joinGroupAsUser(index: SystemIndex, name: string, user: User, labels: Labels): MembershipChange[] {
  const group = groupFor(index, name);
  if (!group.users.has(user.uid)) group.users.set(user.uid, labels);
  user.groups ??= new Set();
  user.groups.add(group);
  return [...user.connections].flatMap((connection) => joinConnection(group, connection, labels) ?? []);
}

export function joinUserGroups(user: User, connection: Connection): MembershipChange[] {
  if (user.groups === undefined) return [];
  return [...user.groups].flatMap((group) => {
    const labels = group.users.get(user.uid);
    return (labels && joinConnection(group, connection, labels)) ?? [];
  });
}

/** Undefined when it was no member. */
export function leaveGroup(index: SystemIndex, group: Group, connection: Connection): MembershipChange | undefined {
  const membership = group.members.delete(connection);
  if (membership === undefined) return undefined;
  connection.groups?.delete(group);
  forgetIfEmpty(index, group);
  return { group, connection, membership };
}

/** Takes the user's own membership and that of all its connections. */
export function leaveGroupAsUser(index: SystemIndex, group: Group, user: User): MembershipChange[] {
  group.users.delete(user.uid);
  user.groups?.delete(group);
  const left = [...user.connections].flatMap((connection) => leaveGroup(index, group, connection) ?? []);
  forgetIfEmpty(index, group);
  return left;
}

/** For a connection that is going: out of its groups and its user; a user without connections is forgotten with its groups. */
export function leaveAllGroups(index: SystemIndex, connection: Connection): MembershipChange[] {
  const { groups } = connection;
  const left =
    groups === undefined ? [] : [...groups.keys()].flatMap((group) => leaveGroup(index, group, connection) ?? []);
  const user = connection.identity && index.users.get(connection.identity.uid);
  if (user?.connections.delete(connection) && user.connections.size === 0) {
    index.users.delete(user.uid);
    for (const group of user.groups ?? []) {
      group.users.delete(user.uid);
      forgetIfEmpty(index, group);
    }
  }
  return left;
}

function groupFor(index: SystemIndex, name: string): Group {
  let group = index.groups.get(name);
  if (group === undefined) {
    group = { name, members: index.newAudience(name), users: new Map() };
    index.groups.set(name, group);
    index.onGroup(name, true);
  }
  return group;
}

function joinConnection(group: Group, connection: Connection, labels: Labels): MembershipChange | undefined {
  const { members } = group;
  if (members.has(connection)) return undefined;
  const membership = { connection, position: members.head, userId: labels.userId, extend: labels.extend };
  members.add(membership);
  connection.groups ??= new Map();
  connection.groups.set(group, membership);
  return { group, connection, membership };
}

function forgetIfEmpty(index: SystemIndex, group: Group): void {
  if (group.members.size > 0 || group.users.size > 0) return;
  if (index.groups.get(group.name) !== group) return;
  index.groups.delete(group.name);
  index.onGroup(group.name, false);
}
