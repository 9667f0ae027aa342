import { createAdminClient } from '../../client/admin-client.ts';
import { ClientError } from '../../client/client-error.ts';
import { findLocalNodes } from '../../client/local-nodes.ts';
import { parseServerAddress } from '../../client/server-address.ts';
import type { CliContext } from '../context.ts';
import { clockSeen, type NodeSeen } from './patient.ts';

/**
 * The node that a flag or a variable names; else that of this machine which has the port of the configuration, or the only one. Undefined: none runs here.
 * Rejects with `ClientError` where one does, or was named, and does not answer.
 */
export async function seeNode(context: CliContext, port: number): Promise<NodeSeen | undefined> {
  const { server, timeout } = context.globals;
  const named = server || context.env['YUNQUE_SERVER'] || undefined;
  if (named !== undefined) {
    const address = parseServerAddress(named);
    return await ask(await context.client(), address.kind === 'socket' || address.isLoopback);
  }
  const local = await findLocalNodes(context.env);
  const found = local.find((node) => node.port === port) ?? (local.length === 1 ? local[0] : undefined);
  if (found === undefined) return undefined;
  if (found.state === 'denied') throw new ClientError('denied', { is: 'socket_of_other', values: [found.socketPath] });
  using client = createAdminClient({
    socketPath: found.socketPath,
    timeoutMs: timeout,
    signal: context.interruptSignal(),
  });
  return await ask(client, true);
}

async function ask(client: Awaited<ReturnType<CliContext['client']>>, isHere: boolean): Promise<NodeSeen> {
  const { node: id, version } = await client.version();
  const before = Date.now();
  const { time, nodes } = await client.stats();
  const clock = clockSeen(time, before, Date.now());
  // With workers it is one node to whoever starts it, and each of them one to the cluster.
  const own = nodes.filter(({ node }) => node === id || node.startsWith(`${id}-`));
  return {
    where: client.where,
    id,
    version,
    versions: new Map(nodes.map((node) => [node.node, node.version])),
    isHere,
    pids: own.map(({ pid }) => pid),
    clock,
  };
}
