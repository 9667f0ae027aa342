import type { OnlineCommand, OnlineResult } from '../api/command.ts';
import type { NodeContext } from './node-context.ts';
import { requireSystem } from './require-system.ts';

/** Throws `unknown_system`. */
export async function handleOnline(node: NodeContext, command: OnlineCommand): Promise<OnlineResult> {
  await requireSystem(node, command.system);
  const users = node.registry.system(command.system)?.users;
  return {
    users: Object.fromEntries((command.uids ?? []).map((uid) => [uid, users?.get(uid)?.connections.size ?? 0])),
    connections: Object.fromEntries(
      (command.ids ?? []).map((ref) => [ref, node.registry.find(command.system, ref) === undefined ? 0 : 1]),
    ),
  };
}
