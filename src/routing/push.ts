import type { PushCommand, PushListCommand } from '../api/command.ts';
import type { DropReason, ListReceipt, Receipt } from '../api/receipt.ts';
import { fanout } from '../registry/fanout.ts';
import { select } from '../registry/select.ts';
import { PreparedMessage } from '../wire/prepared-message.ts';
import type { NodeContext } from './node-context.ts';
import { requireSystem } from './require-system.ts';

/** Delivers one message and says what became of it. Throws `unknown_system`. */
export async function handlePush(node: NodeContext, command: PushCommand): Promise<Receipt> {
  const probe = command.door === 'probe';
  if (!probe) {
    await requireSystem(node, command.system);
    node.counters.messageIn(command.door);
  }
  const here = command.nodes === undefined || command.nodes.includes(node.nodeId);
  const { connections, ...missed } = select(node.registry, command.system, command.target, command.exclude);
  const prepared = new PreparedMessage(command.message, node.codecs);
  const result = fanout(here ? connections : [], prepared, probe ? undefined : node.counters);
  return { messageId: command.message.messageId, ...result, stored: 0, missingNodes: [], ...missed };
}

/** Delivers a list of messages, each to its own target, in order. */
export async function handlePushList(node: NodeContext, command: PushListCommand): Promise<ListReceipt> {
  await requireSystem(node, command.system);
  node.counters.messageIn(command.door, command.items.length);
  let matched = 0;
  let delivered = 0;
  const dropped: Partial<Record<DropReason, number>> = {};
  const offline = new Set<string>();
  for (const { target, message } of command.items) {
    const selection = select(node.registry, command.system, target);
    const result = fanout(selection.connections, new PreparedMessage(message, node.codecs), node.counters);
    matched += result.matched;
    delivered += result.delivered;
    for (const reason of Object.keys(result.dropped) as DropReason[]) {
      dropped[reason] = (dropped[reason] ?? 0) + (result.dropped[reason] ?? 0);
    }
    for (const uid of selection.offline ?? []) offline.add(uid);
  }
  return { total: command.items.length, matched, delivered, dropped, missingNodes: [], offline: [...offline] };
}
