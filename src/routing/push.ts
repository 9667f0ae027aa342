import type { PushCommand, PushListCommand } from '../api/command.ts';
import type { DropReason, ListReceipt, Receipt } from '../api/receipt.ts';
import type { Audience } from '../registry/audience.ts';
import type { Connection } from '../registry/connection.ts';
import { countQueued, fanout, handOut } from '../registry/fanout.ts';
import { excludedBy, select } from '../registry/select.ts';
import { type FanoutResult, nothing } from '../registry/tally.ts';
import { PreparedMessage } from '../wire/prepared-message.ts';
import type { NodeContext } from './node-context.ts';
import { requireSystem } from './require-system.ts';
import { slowRuleOf } from './slow-rule.ts';

/** Delivers one message and says what became of it, once it has left. Throws `unknown_system`, `bad_request` for an unknown class. */
export async function handlePush(node: NodeContext, command: PushCommand): Promise<Receipt> {
  const { system, target, message } = command;
  const isProbe = command.door === 'probe';
  const slow = slowRuleOf(node, command.class);
  if (!isProbe) {
    await requireSystem(node, system);
    node.counters.messageIn(command.door);
  }
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

/** A member of several of the groups hears it in the first of them. */
async function pushToAudiences(
  node: NodeContext,
  { system, target, exclude }: PushCommand,
  prepared: PreparedMessage,
): Promise<FanoutResult> {
  const index = node.registry.system(system);
  if (index === undefined) return nothing;
  const excluded = exclude && excludedBy(node.registry, system, exclude);
  const only = target.to === 'groups' ? target.groups[0] : undefined;
  if (target.to !== 'groups') return await index.members.push(prepared, excluded && { exclude: excluded });
  if (target.groups.length === 1 && only !== undefined) {
    const members = index.groups.get(only)?.members;
    return members === undefined ? nothing : await members.push(prepared, excluded && { exclude: excluded });
  }
  const audiences = [...new Set(target.groups)].flatMap((name) => index.groups.get(name)?.members ?? []);
  return sumOf(await Promise.all(pushEachOnce(audiences, prepared, excluded)));
}

function pushEachOnce(
  audiences: readonly Audience[],
  prepared: PreparedMessage,
  excluded: ReadonlySet<Connection> | undefined,
): Promise<FanoutResult>[] {
  const seen = new Set(excluded);
  return audiences.map((audience) => {
    const twice = new Set([...audience.connections()].filter((connection) => seen.has(connection)));
    for (const connection of audience.connections()) seen.add(connection);
    return audience.push(prepared, { exclude: twice });
  });
}

function sumOf(results: readonly FanoutResult[]): FanoutResult {
  const sum = { matched: 0, delivered: 0, queued: 0, dropped: {} as Partial<Record<DropReason, number>> };
  for (const { matched, delivered, queued, dropped } of results) {
    sum.matched += matched;
    sum.delivered += delivered;
    sum.queued += queued;
    addDropped(sum.dropped, dropped);
  }
  return sum;
}

function addDropped(
  to: Partial<Record<DropReason, number>>,
  from: Readonly<Partial<Record<DropReason, number>>>,
): void {
  for (const reason of Object.keys(from) as DropReason[]) to[reason] = (to[reason] ?? 0) + (from[reason] ?? 0);
}

/** Delivers a list of messages, each to its own target, in order; all of them leave in one turn. Throws as `handlePush`. */
export async function handlePushList(node: NodeContext, command: PushListCommand): Promise<ListReceipt> {
  const slow = slowRuleOf(node, command.class);
  await requireSystem(node, command.system);
  node.counters.messageIn(command.door, command.items.length);
  let matched = 0;
  let delivered = 0;
  const dropped: Partial<Record<DropReason, number>> = {};
  const offline = new Set<string>();
  const taken: (readonly Connection[])[] = [];
  for (const { target, message } of command.items) {
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
