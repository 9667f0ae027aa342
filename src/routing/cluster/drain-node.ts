import type { DrainNodeCommand, NodeDrain, NodeResume, ResumeNodeCommand } from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import { unknownNode } from '../drain-node.ts';
import type { ClusterParts } from './execute.ts';
import { askNodes, type Questions } from './notes.ts';

export async function drainNode(parts: ClusterParts, command: DrainNodeCommand): Promise<NodeDrain> {
  return command.node === parts.cluster.self
    ? parts.here(command)
    : await askThe(parts, command.node, 'drainNode', command);
}

export async function resumeNode(parts: ClusterParts, command: ResumeNodeCommand): Promise<NodeResume> {
  return command.node === parts.cluster.self
    ? parts.here(command)
    : await askThe(parts, command.node, 'resumeNode', command);
}

async function askThe<K extends 'drainNode' | 'resumeNode'>(
  { cluster, whyMissing }: ClusterParts,
  node: string,
  name: K,
  body: Questions[K]['body'],
): Promise<Questions[K]['answer']> {
  if (!cluster.others.includes(node)) throw unknownNode(node, [cluster.self, ...cluster.others]);
  const { answers, refusals } = await askNodes(cluster, [node], name, body);
  const answer = answers.get(node);
  if (answer !== undefined) return answer;
  throw refusals[0] ?? new YunqueError('unavailable', `the node ${node} ${whyMissing(node)}`, { missingNodes: [node] });
}
