import type { KickCommand, KickResult } from '../api/command.ts';
import { select } from '../registry/select.ts';
import type { NodeContext } from './node-context.ts';
import { requireSystem } from './require-system.ts';

/** Closes the connections of a target with 4503. Throws `unknown_system`. */
export async function handleKick(node: NodeContext, command: KickCommand): Promise<KickResult> {
  await requireSystem(node, command.system);
  const connections = [...select(node.registry, command.system, command.target).connections];
  let closed = 0;
  for (const connection of connections) {
    if (!connection.isOpen) continue;
    closed += 1;
    node.events.emit({
      type: 'kicked',
      system: command.system,
      cid: String(connection.cid),
      ...(connection.identity && { uid: connection.identity.uid }),
      reason: command.reason ?? '',
    });
    connection.close('kicked', command.reason);
  }
  return { matched: connections.length, closed };
}
