import type { NodePing, PingNodeCommand } from '../api/command.ts';
import { YunqueError } from '../api/errors.ts';
import type { NodeContext } from './node-context.ts';

/** Alone, a node answers for itself. */
export async function handlePingNode({ nodeId }: NodeContext, { node }: PingNodeCommand): Promise<NodePing> {
  if (node !== nodeId) throw new YunqueError('unknown_node');
  return { node, from: nodeId, ms: 0 };
}
