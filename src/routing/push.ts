import type { PushCommand } from '../api/command.ts';
import type { EncodedForm, Message } from '../api/message.ts';
import type { Receipt } from '../api/receipt.ts';
import type { Target } from '../api/target.ts';
import type { Audience } from '../registry/audience.ts';
import type { Connection } from '../registry/connection.ts';
import { fanout } from '../registry/fanout.ts';
import { excludedBy, select } from '../registry/select.ts';
import { type FanoutResult, nothing } from '../registry/tally.ts';
import { PreparedMessage } from '../wire/prepared-message.ts';
import type { NodeContext } from './node-context.ts';
import { requireSystem } from './require-system.ts';
import { slowRuleOf } from './slow-rule.ts';

/** A push whose message may be encoded already. */
export type EncodedPush = Omit<PushCommand, 'message'> & { readonly message: Message | EncodedForm };

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
  if (node.taps.isOpen && isHere) node.taps.onHere(command);
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
  return await fanout(membersOf(audiences, excluded), prepared, node.registry.turn, node.counters);
}

/** Of this node. */
export function audiencesOf({ registry }: NodeContext, system: string, target: Target): readonly Audience[] {
  const index = registry.system(system);
  if (index === undefined) return [];
  if (target.to === 'system') return [index.members];
  if (target.to !== 'groups') return [];
  return [...new Set(target.groups)].flatMap((name) => index.groups.get(name)?.members ?? []);
}

/**
 * Who is in one of the audiences, each once. First each gets what those hold for it: what it is handed then keeps its place in every one of them, however long they wait.
 */
export function membersOf(
  audiences: readonly Audience[],
  excluded: ReadonlySet<Connection> | undefined,
): ReadonlySet<Connection> {
  const members = new Set<Connection>();
  for (const audience of audiences) for (const connection of audience.connections()) audience.serve(connection);
  for (const audience of audiences) {
    for (const connection of audience.connections()) if (excluded?.has(connection) !== true) members.add(connection);
  }
  return members;
}
