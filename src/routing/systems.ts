import type { AddSystemCommand, RemoveSystemCommand } from '../api/command.ts';
import { YunqueError } from '../api/errors.ts';
import type { SystemInfo } from '../api/listing.ts';
import { defaultSystem } from '../api/system.ts';
import type { NodeContext } from './node-context.ts';
import { requireSystem, requireSystemId } from './require-system.ts';

export async function handleAddSystem(node: NodeContext, { system }: AddSystemCommand): Promise<SystemInfo> {
  requireSystemId(node, system);
  const createdAt = Date.now();
  if (!(await node.systems.add(system, createdAt)))
    throw new YunqueError('system_exists', undefined, { field: 'systemId' });
  node.events.emit({ type: 'system_added', system });
  return { system, createdAt, connections: 0, users: 0, groups: 0 };
}

export async function handleRemoveSystem(
  node: NodeContext,
  { system }: RemoveSystemCommand,
): Promise<{ closed: number }> {
  await requireSystem(node, system);
  if (system === defaultSystem) {
    throw new YunqueError('bad_request', 'the system "default" always exists', { field: 'system' });
  }
  await node.systems.remove(system);
  await node.keys.removeSystem(system);
  await node.bans.removeSystem(system);
  const connections = [...(node.registry.system(system)?.members.connections() ?? [])];
  for (const connection of connections) connection.close('unknown_system');
  node.events.emit({ type: 'system_removed', system });
  return { closed: connections.length };
}
