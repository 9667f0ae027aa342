import type { DrainNodeCommand, NodeDrain, NodeResume, ResumeNodeCommand } from '../api/command.ts';
import { YunqueError } from '../api/errors.ts';
import type { NodeContext } from './node-context.ts';

/** Of this node, as an operator asks for it. Both throw `going_away` where the node stops, `unavailable` where it does not serve yet. */
export interface NodeDrainSwitch {
  /** Answers how many clients are still to be sent away. Where it drains already, it goes on at this rate. */
  begin(perSecond: number | undefined): number;
  /** False where nobody had asked for a drain. */
  end(): boolean;
}

/** Alone, a node answers for itself. */
export async function handleDrainNode(
  { nodeId, drain }: NodeContext,
  { node, perSecond }: DrainNodeCommand,
): Promise<NodeDrain> {
  if (node !== nodeId) throw unknownNode(node, [nodeId]);
  return { node, clients: drain.begin(perSecond) };
}

export async function handleResumeNode(
  { nodeId, drain }: NodeContext,
  { node }: ResumeNodeCommand,
): Promise<NodeResume> {
  if (node !== nodeId) throw unknownNode(node, [nodeId]);
  return { node, wasDrained: drain.end() };
}

export function unknownNode(node: string, known: readonly string[]): YunqueError {
  return new YunqueError('unknown_node', `no such node: ${node}`, {
    hint: `there are: ${[...known].sort().join(', ')}`,
  });
}
