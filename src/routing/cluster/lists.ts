import type { ListConnectionsCommand, ListMembersCommand, ResultOf } from '../../api/command.ts';
import type { GroupInfo, Page, SystemInfo, UserInfo } from '../../api/listing.ts';
import {
  connectionShape,
  groupShape,
  groupSources,
  memberShape,
  systemRows,
  systemShape,
  userShape,
  userSources,
} from '../lists.ts';
import type { NodeContext } from '../node-context.ts';
import { mergePages, queryRows } from '../query-rows.ts';
import type { RowShape } from '../row-order.ts';
import { rowsOf } from '../select-rows.ts';
import type { RowsCommand, RowsOf } from './notes.ts';

type Rows = readonly RowsOf[keyof RowsOf][];

/** This node's rows of a list whose rows are put together of several nodes', before the query is judged. */
export async function rowsHere(node: NodeContext, command: RowsCommand): Promise<Rows> {
  switch (command.type) {
    case 'listUsers':
      return rowsOf(await userSources(node, command.query));
    case 'listGroups':
      return rowsOf(await groupSources(node, command.query));
    case 'listSystems':
      return (await systemRows(node, command.query)).map((row) => {
        return { ...row, groupNames: [...(node.registry.system(row.system)?.groups.keys() ?? [])] };
      });
    default:
      return command satisfies never;
  }
}

/** What another node answered. Of users an earlier release does not say where they are. */
export function rowsFrom(node: string, command: RowsCommand, rows: Rows): Rows {
  if (command.type !== 'listUsers') return rows;
  return (rows as readonly UserInfo[]).map((row) => ({ ...row, nodes: [node] }));
}

/** The page of all nodes' rows. `userCount`: users of a system, each once, wherever they are. */
export function pageOfRows(
  command: RowsCommand,
  rows: readonly Rows[],
  userCount: (system: string) => number,
): Page<UserInfo> | Page<GroupInfo> | Page<SystemInfo> {
  switch (command.type) {
    case 'listUsers':
      return queryRows(merge(rows as UserInfo[][], userShape, mergeUsers), userShape, command.query);
    case 'listGroups':
      return queryRows(merge(rows as GroupInfo[][], groupShape, mergeGroups), groupShape, command.query);
    case 'listSystems': {
      const merged = merge(rows as RowsOf['listSystems'][][], systemShape, mergeSystems);
      const systems = merged.map(({ groupNames, ...row }): SystemInfo => {
        return { ...row, groups: new Set(groupNames).size, users: userCount(row.system) };
      });
      return queryRows(systems, systemShape, command.query);
    }
    default:
      return command satisfies never;
  }
}

/** One page of connections or members, each of which is on one node. */
export function pageOfPages<C extends ListConnectionsCommand | ListMembersCommand>(
  command: C,
  pages: readonly ResultOf<C>[],
): ResultOf<C> {
  const shape = command.type === 'listConnections' ? connectionShape : memberShape;
  return mergePages(pages as Page<never>[], shape as unknown as RowShape<never>, command.query) as ResultOf<C>;
}

/** Rows of the same key become one, in the order of the nodes. */
function merge<T>(lists: readonly (readonly T[])[], { key }: RowShape<T>, join: (a: T, b: T) => T): T[] {
  const merged = new Map<string, T>();
  for (const rows of lists) {
    for (const row of rows) {
      const name = JSON.stringify(key.map((field) => row[field]));
      const known = merged.get(name);
      merged.set(name, known === undefined ? row : join(known, row));
    }
  }
  return [...merged.values()];
}

function mergeUsers(a: UserInfo, b: UserInfo): UserInfo {
  return {
    ...a,
    connections: a.connections + b.connections,
    devices: [...new Set([...a.devices, ...b.devices])],
    groups: [...new Set([...a.groups, ...b.groups])],
    nodes: [...a.nodes, ...b.nodes].sort(),
    boundAt: Math.max(a.boundAt, b.boundAt),
  };
}

function mergeGroups(a: GroupInfo, b: GroupInfo): GroupInfo {
  return { ...a, members: a.members + b.members };
}

function mergeSystems(a: RowsOf['listSystems'], b: RowsOf['listSystems']): RowsOf['listSystems'] {
  return { ...a, connections: a.connections + b.connections, groupNames: [...a.groupNames, ...b.groupNames] };
}
