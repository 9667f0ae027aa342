import type { ConnectionRef, Exclusion, Target } from '../api/target.ts';
import type { Connection } from './connection.ts';
import type { Registry } from './registry.ts';
import type { SystemIndex } from './system-index.ts';

/** The connections of this node a target means, each once. */
export interface Selection {
  readonly connections: Iterable<Connection>;
  /** Uids without a connection here; present when the target names users. */
  readonly offline?: readonly string[];
  /** Refs that name nothing in this system here; present when the target names connections. */
  readonly unknown?: readonly string[];
}

export function select(registry: Registry, system: string, target: Target, exclude?: Exclusion): Selection {
  const index = registry.system(system);
  const selection = selectTarget(registry, system, index, target);
  if (exclude === undefined) return selection;
  return { ...selection, connections: without(registry, system, selection.connections, exclude) };
}

function selectTarget(registry: Registry, system: string, index: SystemIndex | undefined, target: Target): Selection {
  switch (target.to) {
    case 'connections':
      return byRefs(registry, system, target.ids);
    case 'users':
      return byUsers(index, target.uids);
    case 'userConnections': {
      const uids = new Set(target.uids);
      const found = byRefs(registry, system, target.ids);
      return {
        unknown: found.unknown ?? [],
        connections: [...found.connections].filter((c) => c.identity !== undefined && uids.has(c.identity.uid)),
      };
    }
    case 'device': {
      const user = index?.users.get(target.uid);
      const connections = [...(user?.connections ?? [])].filter((c) => c.identity?.deviceId === target.deviceId);
      return { connections, offline: connections.length === 0 ? [target.uid] : [] };
    }
    case 'groups':
      return { connections: byGroups(index, target.groups) };
    case 'system':
      return { connections: index?.members.connections() ?? [] };
    default:
      target satisfies never;
      return { connections: [] };
  }
}

function byRefs(registry: Registry, system: string, refs: readonly ConnectionRef[]): Selection {
  const connections = new Set<Connection>();
  const unknown: string[] = [];
  for (const ref of refs) {
    const connection = registry.find(system, ref);
    if (connection === undefined) unknown.push(ref);
    else connections.add(connection);
  }
  return { connections, unknown };
}

function byUsers(index: SystemIndex | undefined, uids: readonly string[]): Selection {
  const only = uids[0];
  if (uids.length === 1 && only !== undefined) {
    const user = index?.users.get(only);
    return user === undefined ? { connections: [], offline: [only] } : { connections: user.connections, offline: [] };
  }
  const connections: Connection[] = [];
  const offline: string[] = [];
  for (const uid of new Set(uids)) {
    const user = index?.users.get(uid);
    if (user === undefined) offline.push(uid);
    else for (const connection of user.connections) connections.push(connection);
  }
  return { connections, offline };
}

function byGroups(index: SystemIndex | undefined, names: readonly string[]): Iterable<Connection> {
  const distinct = new Set(names);
  const [only] = distinct;
  if (distinct.size === 1 && only !== undefined) return index?.groups.get(only)?.members.connections() ?? [];
  const connections = new Set<Connection>();
  for (const name of distinct) for (const c of index?.groups.get(name)?.members.connections() ?? []) connections.add(c);
  return connections;
}

function without(registry: Registry, system: string, from: Iterable<Connection>, exclude: Exclusion): Connection[] {
  const excluded = excludedBy(registry, system, exclude);
  return [...from].filter((connection) => !excluded.has(connection));
}

/** The connections of this node that are left out. */
export function excludedBy(registry: Registry, system: string, { uids = [], ids = [] }: Exclusion): Set<Connection> {
  const excluded = new Set<Connection>();
  for (const uid of uids) {
    for (const connection of registry.system(system)?.users.get(uid)?.connections ?? []) excluded.add(connection);
  }
  for (const ref of ids) {
    const connection = registry.find(system, ref);
    if (connection !== undefined) excluded.add(connection);
  }
  return excluded;
}
