import type { JoinCommand, LeaveCommand } from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import { probeSystem } from '../../api/system.ts';
import type { Systems } from '../../store/systems.ts';
import type { Envelope } from '../../wire/cluster/envelope.ts';
import { decodePush } from '../../wire/cluster/push.ts';
import { encodeReceipt, type RemoteReceipt } from '../../wire/cluster/receipt.ts';
import { DecodeError } from '../../wire/codec.ts';
import { createExecute } from '../execute.ts';
import type { NodeContext } from '../node-context.ts';
import { handlePush } from '../push.ts';
import type { SharedSessions } from '../sessions.ts';
import type { ClusterParts } from './execute.ts';
import { countGroupsHere } from './group-counts.ts';
import { rowsHere } from './lists.ts';
import { membershipHere } from './membership.ts';
import type { PartCommand, Questions } from './notes.ts';

type Answers = { readonly [K in keyof Questions]: (body: Questions[K]['body']) => Promise<Questions[K]['answer']> };

/** What this node answers the others, to what they ask rarely and to pushes. */
export interface Answering {
  answerNote(name: string, body: unknown): Promise<Envelope>;
  answerPushes(items: readonly Buffer[]): Promise<Envelope>;
  /** One that was broadcast. Never rejects. */
  doPush(item: Buffer): Promise<RemoteReceipt | YunqueError>;
  /** As another node asks for it. */
  readonly kick: Answers['kick'];
  readonly closeSystem: Answers['closeSystem'];
}

/** What the node that asked has checked already is not checked again. */
export function createAnswering(
  parts: ClusterParts,
  sessions: Pick<SharedSessions, 'arrived'>,
  learnStores: (news: string) => Promise<void>,
): Answering {
  const unchecked = withoutChecks(parts.node);
  const here = createExecute(unchecked);
  const mine: ClusterParts = { ...parts, here };
  const answers: Answers = {
    part: (command) => answerPart(mine, command),
    rows: (command) => rowsHere(mine, command),
    kick: async ({ system, target, reason, banned }) => {
      if (banned && target.to === 'users') {
        for (const uid of target.uids) for (const p of mine.pending.of(system, uid)) p.mustCheckAgain = true;
      }
      const { matched, closed } = await here({ type: 'kick', system, target, ...(reason !== undefined && { reason }) });
      return { matched, closed };
    },
    closeSystem: async ({ system }) => closeSystem(mine, system),
    arrive: async ({ system, login }) => sessions.arrived(system, login),
    stats: () => mine.node.nodeStats(),
    stores: async (news) => {
      await learnStores(news);
      return null;
    },
    userCounts: async () => [...mine.directory.countUsersHere()],
    groupCounts: () => countGroupsHere(mine.node, mine.sharedNames),
    ping: async () => null,
    drainNode: (command) => here(command),
    resumeNode: (command) => here(command),
  };

  const answerItem = async (item: Buffer) => encodeReceipt(await push(unchecked, item));

  return {
    kick: answers.kick,
    closeSystem: answers.closeSystem,
    async answerNote(name, body) {
      if (!Object.hasOwn(answers, name)) throw new YunqueError('unavailable', `this node does not know "${name}"`);
      const answer = answers[name as keyof Answers] as (body: unknown) => Promise<unknown>;
      return { type: 'note', name, body: await answer(body) };
    },
    async answerPushes(items) {
      return { type: 'batch', kind: 'receipts', items: await Promise.all(items.map(answerItem)) };
    },
    doPush: (item) => push(unchecked, item),
  };
}

async function push(node: NodeContext, item: Buffer): Promise<RemoteReceipt | YunqueError> {
  try {
    return await handlePush(node, { type: 'push', door: 'peer', ...decodePush(item) });
  } catch (error) {
    if (error instanceof YunqueError) return error;
    if (error instanceof DecodeError) return new YunqueError('unavailable', error.message);
    return new YunqueError('internal');
  }
}

async function answerPart(parts: ClusterParts, command: PartCommand): Promise<Questions['part']['answer']> {
  switch (command.type) {
    case 'join':
    case 'leave':
      return membershipHere(parts, command satisfies JoinCommand | LeaveCommand);
    case 'removeGroup':
      for (const pending of parts.pending.ofSystem(command.system)) pending.removedGroups.add(command.group);
      return { result: await parts.here(command), at: [] };
    case 'listConnections':
    case 'listMembers':
    case 'online':
    case 'preview':
    case 'history':
      return { result: await parts.here(command), at: [] };
    case 'listClientIds':
      return { result: (await parts.here(command)).clientIds, at: [] };
    default:
      throw new YunqueError('unavailable', `this node does not know ${JSON.stringify(command satisfies never)}`);
  }
}

function closeSystem({ node, pending }: ClusterParts, system: string): { closed: number } {
  for (const login of pending.ofSystem(system)) login.mustCheckAgain = true;
  if (system === probeSystem) return { closed: 0 };
  const connections = [...(node.registry.system(system)?.members.connections() ?? [])];
  for (const connection of connections) connection.close('unknown_system');
  return { closed: connections.length };
}

/** The node as it is, without asking whether a system exists: the node that was asked has. */
function withoutChecks(node: NodeContext): NodeContext {
  const { systems } = node;
  const unchecked: Systems = {
    has: async () => true,
    list: () => systems.list(),
    add: (system, createdAt) => systems.add(system, createdAt),
    addAll: (all, createdAt) => systems.addAll(all, createdAt),
    remove: (system) => systems.remove(system),
  };
  return Object.create(node, { systems: { value: unchecked } });
}
