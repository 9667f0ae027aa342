import type {
  ClientIdList,
  ListClientIdsCommand,
  ListConnectionsCommand,
  ListGroupsCommand,
  ListMembersCommand,
  ListSystemsCommand,
  ListUsersCommand,
} from '../api/command.ts';
import { connectionFields, groupFields, memberFields, systemFields, userFields } from '../api/list-fields.ts';
import type { ConnectionInfo, GroupInfo, ListQuery, MemberInfo, Page, SystemInfo, UserInfo } from '../api/listing.ts';
import type { Connection } from '../registry/connection.ts';
import { connectionReaders, groupReaders, memberReaders, userReaders } from '../registry/rows.ts';
import type { Group, Membership, SystemIndex, User } from '../registry/system-index.ts';
import type { NodeContext } from './node-context.ts';
import { queryRows } from './query-rows.ts';
import { requireSystem } from './require-system.ts';
import type { RowShape } from './row-order.ts';
import { type RowSource, selectRows } from './select-rows.ts';

export const connectionShape: RowShape<ConnectionInfo> = {
  key: ['cid'],
  fields: connectionFields,
  search: ['cid', 'clientId', 'uid', 'deviceId', 'deviceName', 'remoteAddress', 'groups'],
};
export const userShape: RowShape<UserInfo> = {
  key: ['uid', 'system'],
  fields: userFields,
  search: ['uid', 'devices', 'groups'],
};
export const groupShape: RowShape<GroupInfo> = {
  key: ['group', 'system'],
  fields: groupFields,
  search: ['group'],
};
export const memberShape: RowShape<MemberInfo> = {
  key: ['cid'],
  fields: memberFields,
  search: ['cid', 'clientId', 'uid', 'userId', 'extend'],
};
export const systemShape: RowShape<SystemInfo> = {
  key: ['system'],
  fields: systemFields,
  search: ['system'],
};

export async function handleListConnections(
  node: NodeContext,
  { query }: ListConnectionsCommand,
): Promise<Page<ConnectionInfo>> {
  const read = connectionReaders(node.nodeId, Date.now());
  const indexes = await indexesOf(node, query);
  const numbers = { cid: ({ cid }: Connection) => cid };
  const sources = indexes.map((index) => ({ items: [...connectionsAsked(node, index, query)], read, numbers }));
  const page = await selectRows(sources, connectionShape, query);
  return { ...page, items: page.items.map((row) => withClientId(node, row.system, row)) };
}

export async function handleListUsers(node: NodeContext, { query }: ListUsersCommand): Promise<Page<UserInfo>> {
  return await selectRows(await userSources(node, query), userShape, query);
}

/** Those the query may mean; it has not been judged. */
export async function userSources(node: NodeContext, query: ListQuery): Promise<RowSource<User, UserInfo>[]> {
  const indexes = await indexesOf(node, query);
  return indexes.map((index) => ({ items: [...usersAsked(index, query)], read: userReaders(node.nodeId, index.id) }));
}

export async function handleListGroups(node: NodeContext, { query }: ListGroupsCommand): Promise<Page<GroupInfo>> {
  return await selectRows(await groupSources(node, query), groupShape, query);
}

/** As `userSources`. */
export async function groupSources(node: NodeContext, query: ListQuery): Promise<RowSource<Group, GroupInfo>[]> {
  const indexes = await indexesOf(node, query);
  return indexes.map((index) => ({ items: [...groupsAsked(index, query)], read: groupReaders(index) }));
}

/** Throws `unknown_system`; a group without members is an empty page. */
export async function handleListMembers(node: NodeContext, command: ListMembersCommand): Promise<Page<MemberInfo>> {
  await requireSystem(node, command.system);
  const group = node.registry.system(command.system)?.groups.get(command.group);
  const items = [...(group?.members.places() ?? [])];
  const numbers = { cid: ({ connection }: Membership) => connection.cid };
  const page = await selectRows([{ items, read: memberReaders(node.nodeId), numbers }], memberShape, command.query);
  return { ...page, items: page.items.map((row) => withClientId(node, command.system, row)) };
}

/** Throws `unknown_system`; a group without members is an empty list. */
export async function handleListClientIds(node: NodeContext, command: ListClientIdsCommand): Promise<ClientIdList> {
  await requireSystem(node, command.system);
  const members = node.registry.system(command.system)?.groups.get(command.group)?.members;
  return { clientIds: [...(members?.connections() ?? [])].map((connection) => node.registry.clientIdOf(connection)) };
}

export async function handleListSystems(node: NodeContext, { query }: ListSystemsCommand): Promise<Page<SystemInfo>> {
  return queryRows(await systemRows(node, query), systemShape, query);
}

/** Those the query may mean, with what this node has of each. */
export async function systemRows(node: NodeContext, query: ListQuery): Promise<SystemInfo[]> {
  const records = (await node.systems.list()).filter(({ system }) => (query.system ?? system) === system);
  return records.map((record) => {
    const index = node.registry.system(record.system);
    return {
      ...record,
      connections: index?.members.size ?? 0,
      users: index?.users.size ?? 0,
      groups: index?.groups.size ?? 0,
    };
  });
}

/** A query that names a user or a connection looks at those only; the rest of the query is judged as ever. */
function connectionsAsked(node: NodeContext, index: SystemIndex, query: ListQuery): Iterable<Connection> {
  const uid = named(query, 'uid');
  if (uid !== undefined && uid !== '') return index.users.get(uid)?.connections ?? [];
  const ref = named(query, 'cid') ?? named(query, 'clientId');
  if (ref === undefined) return index.members.connections();
  const connection = node.registry.find(index.id, ref);
  return connection === undefined ? [] : [connection];
}

function usersAsked(index: SystemIndex, query: ListQuery): Iterable<User> {
  const uid = named(query, 'uid');
  if (uid === undefined) return index.users.values();
  const user = index.users.get(uid);
  return user === undefined ? [] : [user];
}

function groupsAsked(index: SystemIndex, query: ListQuery): Iterable<Group> {
  const name = named(query, 'group');
  if (name === undefined) return index.groups.values();
  const group = index.groups.get(name);
  return group === undefined ? [] : [group];
}

/** The value a `field=value` condition asks for. */
function named(query: ListQuery, field: string): string | undefined {
  return query.where?.find((condition) => condition.field === field && condition.op === '=')?.value;
}

async function indexesOf(node: NodeContext, query: ListQuery): Promise<SystemIndex[]> {
  if (query.system === undefined) return node.registry.systems;
  await requireSystem(node, query.system);
  const index = node.registry.system(query.system);
  return index === undefined ? [] : [index];
}

/** Only rows that are shown cost the making of a clientId. */
function withClientId<R extends { readonly cid: string; readonly clientId: string }>(
  node: NodeContext,
  system: string,
  row: R,
): R {
  if (row.clientId !== '') return row;
  const connection = node.registry.find(system, row.cid);
  return connection === undefined ? row : { ...row, clientId: node.registry.clientIdOf(connection) };
}
