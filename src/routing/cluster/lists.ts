import type { ListConnectionsCommand, ListMembersCommand, ResultOf } from '../../api/command.ts';
import type { GroupInfo, Page, SystemInfo, UserInfo } from '../../api/listing.ts';
import { createSlices } from '../../util/slices.ts';
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
import { putTogether, type RowsApart, takeApart } from './rows-apart.ts';
import type { SharedNames } from './shared-names.ts';

type Rows = readonly RowsOf[keyof RowsOf][];
export type RowsAnswer = Rows | RowsApart;

/** A node whose lists these are, and what it knows of what others have as well. */
export interface RowsParts {
  readonly node: NodeContext;
  readonly sharedNames: SharedNames;
}

/** What this node has of a list whose rows are put together of several nodes'. Without `apart`: all rows, before the query is judged. */
export async function rowsHere(parts: RowsParts, command: RowsCommand): Promise<RowsAnswer> {
  const { node, sharedNames } = parts;
  const { query } = command;
  switch (command.type) {
    case 'listUsers': {
      const sources = await userSources(node, query);
      if (command.apart !== true) return rowsOf(sources);
      return takeApart(sources, userShape, query, (system, uid) => {
        return sharedNames.standingOf('users', system, uid) === 'alone';
      });
    }
    case 'listGroups': {
      const sources = await groupSources(node, query);
      if (command.apart !== true) return rowsOf(sources);
      return takeApart(sources, groupShape, query, (system, group) => {
        return sharedNames.standingOf('groups', system, group) === 'alone';
      });
    }
    case 'listSystems': {
      const rows = await systemRows(node, query);
      return Promise.all(rows.map(async (row) => ({ ...row, ...(await groupsHere(parts, command, row.system)) })));
    }
    default:
      return command satisfies never;
  }
}

/** Names of groups that others may have as well; those that are this node's to count are counted where that is asked for. */
async function groupsHere({ node, sharedNames }: RowsParts, { apart = false }: RowsCommand, system: string) {
  const names = [...(node.registry.system(system)?.groups.keys() ?? [])];
  if (!apart) return { groupNames: names };
  const slices = createSlices();
  const groupNames: string[] = [];
  let groupsCounted = 0;
  for (const [at, name] of names.entries()) {
    if (at % 128 === 127 && slices.isOver) await slices.next();
    const standing = sharedNames.standingOf('groups', system, name);
    if (standing === undefined) groupNames.push(name);
    else if (standing !== 'other') groupsCounted += 1;
  }
  return { groupNames, groupsCounted };
}

/** What another node answered. Of users an earlier release does not say where they are. */
export function rowsFrom(node: string, command: RowsCommand, rows: RowsAnswer): RowsAnswer {
  if (command.type !== 'listUsers' || 'page' in rows) return rows;
  return (rows as readonly UserInfo[]).map((row) => ({ ...row, nodes: [node] }));
}

/** The page of all nodes' rows. `userCount`: users of a system, each once, wherever they are. */
export async function pageOfRows(
  command: RowsCommand,
  rows: readonly RowsAnswer[],
  userCount: (system: string) => number,
): Promise<Page<UserInfo> | Page<GroupInfo> | Page<SystemInfo>> {
  switch (command.type) {
    case 'listUsers':
      return putTogether(rows as (RowsApart | UserInfo[])[], userShape, command.query, mergeUsers);
    case 'listGroups':
      return putTogether(rows as (RowsApart | GroupInfo[])[], groupShape, command.query, mergeGroups);
    case 'listSystems': {
      const merged = merge(rows as RowsOf['listSystems'][][], systemShape, mergeSystems);
      const systems = merged.map(({ groupNames, groupsCounted = 0, ...row }): SystemInfo => {
        return { ...row, groups: groupsCounted + new Set(groupNames).size, users: userCount(row.system) };
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
  return {
    ...a,
    connections: a.connections + b.connections,
    groupNames: [...a.groupNames, ...b.groupNames],
    groupsCounted: (a.groupsCounted ?? 0) + (b.groupsCounted ?? 0),
  };
}
