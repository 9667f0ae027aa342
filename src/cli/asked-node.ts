import { exitCodes } from '../api/errors.ts';
import type { AdminClient } from '../client/admin-client.ts';
import { ClientError } from '../client/client-error.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';

/** What one node is asked, through another: that it does not answer itself is exit 5, as with the one that is asked. */
export async function askNode<T>(context: CliContext, node: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ClientError) || error.body?.missingNodes?.includes(node) !== true) throw error;
    const { line } = context.text;
    throw new CliError(line.nodeSilent(node), { exit: exitCodes.unreachable, hint: line.nodeSilentHint(node) });
  }
}

/**
 * Where clients reach the node that is asked, as it says itself: a cluster has others, which may be on other machines, drained or gone. All workers of
 * a node are reached at the same place. Undefined where it tells none.
 */
export async function addressOfAsked(client: Pick<AdminClient, 'version' | 'stats'>): Promise<string | undefined> {
  const [asked, { nodes }] = await Promise.all([client.version(), client.stats()]);
  const itself = nodes.find(({ node }) => node === asked.node) ?? nodes[0];
  return itself?.addresses[0];
}
