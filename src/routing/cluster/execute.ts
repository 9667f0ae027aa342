import type {
  BanCommand,
  Command,
  Execute,
  HistoryCommand,
  KickCommand,
  OnlineCommand,
  RemoveGroupCommand,
  RemoveSystemCommand,
  ResultOf,
} from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import type { HistoryAnswer } from '../../api/history.ts';
import type { ClusterDirectory } from '../../directory/cluster-directory.ts';
import type { Awaitable } from '../../util/awaitable.ts';
import { banOf } from '../bans.ts';
import { mergeHistories } from '../history.ts';
import { requireSystem } from '../require-system.ts';
import { drainNode, resumeNode } from './drain-node.ts';
import { countGroups, countGroupsHere, type GroupCount } from './group-counts.ts';
import { pageOfPages, pageOfRows, rowsFrom, rowsHere } from './lists.ts';
import { type MembershipParts, membershipEverywhere } from './membership.ts';
import { askEach, askNodes, type PartCommand, type Questions, type RowsCommand } from './notes.ts';
import { pingNode } from './ping-node.ts';
import { previewEverywhere } from './preview.ts';
import { pushEverywhere, pushListEverywhere } from './push.ts';
import type { SharedNames } from './shared-names.ts';
import { clusterStats } from './stats.ts';

export interface ClusterParts extends MembershipParts {
  readonly directory: ClusterDirectory;
  readonly whyMissing: (node: string) => string;
  readonly sharedNames: SharedNames;
}

/**
 * The behaviour behind every door of a node that has others: each command goes to the nodes it concerns, and their answers
 * become one. Alone it is the node's own `execute`. Commands of the stores are done by whoever owns those.
 */
export function createClusterExecute(parts: ClusterParts): Execute {
  return async <C extends Command>(command: C) => {
    const { cluster } = parts;
    if ((cluster.isAlone && cluster.absent.length === 0) || isOwn(command)) return parts.here(command);
    try {
      // Each branch returns the result of its own command, which a generic function cannot express without the cast.
      return (await route(parts, command)) as ResultOf<C>;
    } catch (error) {
      throw error instanceof YunqueError ? error : new YunqueError('internal', undefined, { cause: error });
    }
  };
}

/** The probe looks at this node alone. */
function isOwn(command: Command): boolean {
  return command.type === 'push' && command.door === 'probe';
}

function route(parts: ClusterParts, command: Command): Awaitable<ResultOf<Command>> {
  switch (command.type) {
    case 'push':
      return pushEverywhere(parts, command);
    case 'pushList':
      return pushListEverywhere(parts, command);
    case 'preview':
      return previewEverywhere(parts, command);
    case 'join':
    case 'leave':
      return membershipEverywhere(parts, command);
    case 'removeGroup':
      return removeGroup(parts, command);
    case 'kick':
      return kick(parts, command);
    case 'ban':
      return ban(parts, command);
    case 'removeSystem':
      return removeSystem(parts, command);
    case 'listConnections':
    case 'listMembers':
      return listPages(parts, command);
    case 'listUsers':
    case 'listGroups':
    case 'listSystems':
      return listRows(parts, command);
    case 'listClientIds':
      return listClientIds(parts, command);
    case 'online':
      return online(parts, command);
    case 'stats':
      return stats(parts);
    case 'pingNode':
      return pingNode(parts.cluster, command);
    case 'drainNode':
      return drainNode(parts, command);
    case 'resumeNode':
      return resumeNode(parts, command);
    case 'history':
      return history(parts, command);
    case 'addSystem':
    case 'rotateKey':
    case 'removeKey':
    case 'listKeys':
    case 'unban':
    case 'listBans':
      return parts.here(command);
    default:
      return command satisfies never;
  }
}

/** This node's part and that of all others. A refusal of this node is thrown. */
async function partOfAll<C extends PartCommand>(parts: ClusterParts, command: C) {
  const { cluster, here } = parts;
  const [own, { answers, missing }] = await Promise.all([
    here(command),
    askNodes(cluster, cluster.others, 'part', command),
  ]);
  const results = [own, ...[...answers.values()].map(({ result }) => result as ResultOf<C>)];
  return { results, ...missed(missing) };
}

function missed(missing: readonly string[]): { readonly missingNodes?: readonly string[] } {
  return missing.length > 0 ? { missingNodes: [...new Set(missing)] } : {};
}

async function removeGroup(parts: ClusterParts, command: RemoveGroupCommand) {
  for (const pending of parts.pending.ofSystem(command.system)) pending.removedGroups.add(command.group);
  const { results, ...more } = await partOfAll(parts, command);
  return { removed: results.reduce((sum, { removed }) => sum + removed, 0), ...more };
}

async function kick(parts: ClusterParts, { system, target, reason }: KickCommand, banned = false) {
  const { cluster, placement, here } = parts;
  await requireSystem(parts.node, system);
  const why = reason === undefined ? {} : { reason };
  const bodies = new Map<string, Questions['kick']['body']>();
  // A ban goes to all: a login of the user may be under way anywhere.
  const targets = banned
    ? new Map(cluster.others.map((node) => [node, target]))
    : await placement.ofTarget(system, target);
  for (const [node, theirs] of targets) bodies.set(node, { system, target: theirs, banned, ...why });
  const [own, { answers, missing }] = await Promise.all([
    here({ type: 'kick', system, target, ...why }),
    askEach(cluster, bodies, 'kick'),
  ]);
  let { matched, closed } = own;
  for (const answer of answers.values()) {
    matched += answer.matched;
    closed += answer.closed;
  }
  return { matched, closed, ...missed(missing) };
}

async function ban(parts: ClusterParts, command: BanCommand) {
  const { system, uid } = command;
  for (const pending of parts.pending.of(system, uid)) pending.mustCheckAgain = true;
  const own = await parts.here(command);
  const reason = await banOf(parts.node, system, uid);
  const target = { to: 'users', uids: [uid] } as const;
  const others = await kick(parts, { type: 'kick', system, target, ...(reason !== undefined && { reason }) }, true);
  const { missingNodes = [] } = others;
  return { ...own, closed: own.closed + others.closed, ...missed(missingNodes) };
}

async function removeSystem(parts: ClusterParts, command: RemoveSystemCommand) {
  const { cluster, here } = parts;
  const { system } = command;
  for (const pending of parts.pending.ofSystem(system)) pending.mustCheckAgain = true;
  const own = await here(command);
  const { answers, missing } = await askNodes(cluster, cluster.others, 'closeSystem', { system });
  const closed = [...answers.values()].reduce((sum, answer) => sum + answer.closed, own.closed);
  return { closed, ...missed(missing) };
}

async function listPages<C extends Extract<PartCommand, { type: 'listConnections' | 'listMembers' }>>(
  parts: ClusterParts,
  command: C,
): Promise<ResultOf<C>> {
  const { results, ...more } = await partOfAll(parts, command);
  return { ...pageOfPages(command, results), ...more };
}

async function listRows(parts: ClusterParts, asked: RowsCommand) {
  const command = { ...asked, apart: true };
  const { cluster, node } = parts;
  if (command.query.system !== undefined && command.type !== 'listSystems') {
    await requireSystem(node, command.query.system);
  }
  const [own, { answers, missing }, userCounts] = await Promise.all([
    rowsHere(parts, command),
    askNodes(cluster, cluster.others, 'rows', command),
    command.type === 'listSystems' ? countUsers(parts) : undefined,
  ]);
  const theirs = [...answers].map(([from, rows]) => rowsFrom(from, command, rows));
  return {
    ...(await pageOfRows(command, [own, ...theirs], (system) => userCounts?.of(system) ?? 0)),
    ...missed([...missing, ...(userCounts?.missing ?? [])]),
  };
}

async function listClientIds(parts: ClusterParts, command: Extract<PartCommand, { type: 'listClientIds' }>) {
  const { cluster, here } = parts;
  const [own, { answers, missing }] = await Promise.all([
    here(command),
    askNodes(cluster, cluster.others, 'part', command),
  ]);
  const theirs = [...answers.values()].map(({ result }) => result as readonly string[]);
  return { clientIds: [own.clientIds, ...theirs].flat(), ...missed(missing) };
}

async function online(parts: ClusterParts, command: OnlineCommand) {
  const { cluster, placement, here } = parts;
  const { system, uids = [], ids = [] } = command;
  const bodies = new Map<string, OnlineCommand>();
  for (const [node, theirs] of await placement.ofUsers(system, uids)) {
    bodies.set(node, { type: 'online', system, uids: theirs });
  }
  for (const [node, theirs] of placement.ofRefs(ids)) {
    bodies.set(node, { ...(bodies.get(node) ?? { type: 'online', system }), ids: theirs });
  }
  const [own, { answers, missing }] = await Promise.all([here(command), askEach(cluster, bodies, 'part')]);
  const results = [own, ...[...answers.values()].map(({ result }) => result as ResultOf<OnlineCommand>)];
  return {
    users: sumByName(results.map(({ users }) => users)),
    connections: sumByName(results.map(({ connections }) => connections)),
    ...missed(missing),
  };
}

/** A name may be any text, `__proto__` too. */
function sumByName(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [name, count] of counts.flatMap((each) => Object.entries(each))) {
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}

async function history(parts: ClusterParts, command: HistoryCommand) {
  const { results, ...more } = await partOfAll(parts, command);
  const [own, ...others] = results as [HistoryAnswer, ...HistoryAnswer[]];
  return { ...mergeHistories(own, others), ...more };
}

async function stats(parts: ClusterParts) {
  const { cluster, node, sharedNames, whyMissing } = parts;
  const [own, { answers, missing }, { total: users }, ownGroups, { answers: groupCounts }] = await Promise.all([
    node.nodeStats(),
    askNodes(cluster, cluster.others, 'stats', null),
    countUsers(parts),
    countGroupsHere(node, sharedNames),
    askNodes(cluster, cluster.others, 'groupCounts', null),
  ]);
  // A node of an earlier release says only how many it has.
  const groupsOf = (id: string, has: number): GroupCount => groupCounts.get(id) ?? { counted: has, unsure: [] };
  const groups = countGroups([ownGroups, ...Array.from(answers, ([id, stats]) => groupsOf(id, stats.groups))]);
  return clusterStats([own, ...answers.values()], { missing, whyMissing, users, groups, time: Date.now() });
}

/** Users over all nodes, each once: as the directory knows, else as the nodes count them. */
async function countUsers({ cluster, directory }: ClusterParts) {
  const { totalUsers } = directory;
  if (totalUsers !== undefined) {
    return { total: totalUsers, of: (system: string) => directory.userCount(system) ?? 0, missing: [] };
  }
  const { answers, missing } = await askNodes(cluster, cluster.others, 'userCounts', null);
  const counts = directory.countUsersHere();
  for (const [system, users] of [...answers.values()].flat()) counts.set(system, (counts.get(system) ?? 0) + users);
  return {
    total: [...counts.values()].reduce((sum, users) => sum + users, 0),
    of: (system: string) => counts.get(system) ?? 0,
    missing,
  };
}
