import type { PushCommand, PushListCommand } from '../api/command.ts';
import type { Message } from '../api/message.ts';
import type { DropReason, ListReceipt, Receipt } from '../api/receipt.ts';
import type { Target } from '../api/target.ts';
import type { Audience } from '../registry/audience.ts';
import type { Connection } from '../registry/connection.ts';
import { countQueued, fanout, handOut } from '../registry/fanout.ts';
import { excludedBy, select } from '../registry/select.ts';
import { addDropped, type FanoutResult, nothing } from '../registry/tally.ts';
import type { EncodedMessage } from '../wire/encoded-message.ts';
import { PreparedMessage } from '../wire/prepared-message.ts';
import type { NodeContext } from './node-context.ts';
import { requireSystem } from './require-system.ts';
import { slowRuleOf } from './slow-rule.ts';

/** A push whose message may be encoded already. */
export type EncodedPush = Omit<PushCommand, 'message'> & { readonly message: Message | EncodedMessage };

export type EncodedPushList = Omit<PushListCommand, 'items'> & {
  readonly items: readonly Pick<EncodedPush, 'target' | 'message'>[];
};

/** Delivers one message and says what became of it, once it has left. Throws `unknown_system`, `bad_request` for an unknown class. */
export async function handlePush(node: NodeContext, command: EncodedPush): Promise<Receipt> {
  const { system, target, message } = command;
  const isProbe = command.door === 'probe';
  const slow = slowRuleOf(node, command.class);
  if (!isProbe) {
    await requireSystem(node, system);
    node.counters.messageIn(command.door);
  }
  // All pushes alike, and no other wait between here and the sockets: else one would overtake another of its stream.
  if (node.registry.turn.isFull) await node.registry.turn.room();
  const isHere = command.nodes === undefined || command.nodes.includes(node.nodeId);
  const prepared = new PreparedMessage(message, node.codecs, slow);
  const whole = { messageId: message.messageId, stored: 0, missingNodes: [] };
  if (target.to === 'system' || target.to === 'groups') {
    if (!isHere) return { ...whole, ...nothing };
    return { ...whole, ...(await pushToAudiences(node, command, prepared)) };
  }
  const { connections, ...missed } = select(node.registry, system, target, command.exclude);
  const counters = isProbe ? undefined : node.counters;
  const result = isHere ? await fanout(connections, prepared, node.registry.turn, counters) : nothing;
  return { ...whole, ...result, ...missed };
}

async function pushToAudiences(
  node: NodeContext,
  { system, target, exclude }: EncodedPush,
  prepared: PreparedMessage,
): Promise<FanoutResult> {
  const audiences = audiencesOf(node, system, target);
  const excluded = exclude && excludedBy(node.registry, system, exclude);
  const [only] = audiences;
  if (only === undefined) return nothing;
  if (audiences.length === 1) return await only.push(prepared, excluded && { exclude: excluded });
  return await pushToEach(node, audiences, prepared, excluded);
}

function audiencesOf({ registry }: NodeContext, system: string, target: Target): readonly Audience[] {
  const index = registry.system(system);
  if (index === undefined) return [];
  if (target.to === 'system') return [index.members];
  if (target.to !== 'groups') return [];
  return [...new Set(target.groups)].flatMap((name) => index.groups.get(name)?.members ?? []);
}

/** What the audiences hold for their members: a message that is handed to them past it would overtake it. */
function serveAll(audiences: readonly Audience[]): void {
  for (const audience of audiences) for (const connection of audience.connections()) audience.serve(connection);
}

/**
 * One by one, and a member of several of the audiences once. First each gets what those hold for it: the message keeps its place in
 * every one of them, however long they wait.
 */
function pushToEach(
  { registry, counters }: NodeContext,
  audiences: readonly Audience[],
  prepared: PreparedMessage,
  excluded: ReadonlySet<Connection> | undefined,
): Promise<FanoutResult> {
  const receivers = new Set<Connection>();
  serveAll(audiences);
  for (const audience of audiences) {
    for (const connection of audience.connections()) {
      if (excluded?.has(connection) !== true) receivers.add(connection);
    }
  }
  return fanout(receivers, prepared, registry.turn, counters);
}

/** Delivers a list of messages, each to its own target, in order; all of them leave in one turn. Throws as `handlePush`. */
export async function handlePushList(node: NodeContext, command: EncodedPushList): Promise<ListReceipt> {
  const slow = slowRuleOf(node, command.class);
  await requireSystem(node, command.system);
  node.counters.messageIn(command.door, command.items.length);
  if (node.registry.turn.isFull) await node.registry.turn.room();
  let matched = 0;
  let delivered = 0;
  const dropped: Partial<Record<DropReason, number>> = {};
  const offline = new Set<string>();
  const taken: (readonly Connection[])[] = [];
  for (const { target, message } of command.items) {
    serveAll(audiencesOf(node, command.system, target));
    const selection = select(node.registry, command.system, target);
    const result = handOut(selection.connections, new PreparedMessage(message, node.codecs, slow), node.counters);
    for (const uid of selection.offline ?? []) offline.add(uid);
    if (result === undefined) continue;
    matched += result.matched;
    delivered += result.taken.length;
    addDropped(dropped, result.dropped);
    taken.push(result.taken);
  }
  if (delivered > 0) await node.registry.turn.flushed();
  const queued = taken.reduce((sum, connections) => sum + countQueued(connections), 0);
  return { total: command.items.length, matched, delivered, queued, dropped, missingNodes: [], offline: [...offline] };
}
