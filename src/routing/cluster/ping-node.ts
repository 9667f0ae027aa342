import type { NodePing, PingNodeCommand } from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import type { Cluster } from '../../bus/cluster/cluster.ts';

/** There and back over the RPC. Any answer is one, also that the question is not known. */
export async function pingNode(
  cluster: Pick<Cluster, 'self' | 'others' | 'ask'>,
  { node }: PingNodeCommand,
): Promise<NodePing> {
  const from = cluster.self;
  if (node === from) return { node, from, ms: 0 };
  if (!cluster.others.includes(node)) throw new YunqueError('unknown_node');
  const began = performance.now();
  const { answers } = await cluster.ask([node], { type: 'note', name: 'ping', body: null });
  const ms = Math.round((performance.now() - began) * 1000) / 1000;
  return { node, from, ...(answers.has(node) && { ms }) };
}
