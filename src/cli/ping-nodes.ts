import type { NodePing } from '../api/command.ts';
import { exitCodes } from '../api/errors.ts';
import type { AdminClient } from '../client/admin-client.ts';
import { isRefusal } from '../client/client-error.ts';
import type { CliContext } from './context.ts';
import { pingListing } from './node-listings.ts';

/**
 * Prints the round trip from the node that is asked to each of those named, or to all. Where some do not answer, or some of those named do
 * not exist, the exit is 7; 5 where none answers, and that of the refusal (1) where none exists.
 */
export async function pingNodes(context: CliContext, named: readonly string[]): Promise<void> {
  const client = await context.client();
  const ids = named.length > 0 ? [...new Set(named)] : await allNodes(client);
  const outcomes = await Promise.all(ids.map((id) => pingOrRefusal(client, id)));
  const pings = outcomes.filter((outcome): outcome is NodePing => !(outcome instanceof Error));
  const refusal = outcomes.find((outcome) => outcome instanceof Error);
  if (pings.length === 0 && refusal !== undefined) throw refusal;
  await (await context.printer()).list(pingListing, { items: pings, total: pings.length });

  const silent = pings.filter(({ ms }) => ms === undefined).map(({ node }) => node);
  const unknown = ids.filter((_, index) => outcomes[index] instanceof Error);
  if (silent.length > 0) context.note(context.text.line.noAnswerFrom(silent.join(' ')));
  if (unknown.length > 0) context.note(context.text.line.noSuchNodes(unknown.join(' ')));
  if (silent.length + unknown.length === 0) return;
  context.exitCode = silent.length === pings.length ? exitCodes.unreachable : exitCodes.partly;
}

async function allNodes(client: AdminClient): Promise<readonly string[]> {
  const { nodes, missingNodes } = await client.stats();
  return [...nodes.map(({ node }) => node), ...missingNodes].sort();
}

async function pingOrRefusal(client: AdminClient, id: string): Promise<NodePing | Error> {
  try {
    return await client.pingNode(id);
  } catch (error) {
    if (isRefusal(error, 'unknown_node')) return error;
    throw error;
  }
}
