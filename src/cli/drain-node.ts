import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../api/errors.ts';
import type { NodeStats } from '../api/stats.ts';
import type { AdminClient } from '../client/admin-client.ts';
import { ClientError } from '../client/client-error.ts';
import { askNode } from './asked-node.ts';
import { CliError } from './cli-error.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import { createProgress, type Progress } from './output/progress.ts';

export interface DrainNodeOptions {
  /** Absent: the node that is asked. */
  readonly node: string | undefined;
  /** Clients that are closed in a second; absent: as the node's own `drain.duration` has it. */
  readonly perSecond: number | undefined;
  /** Undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
}

const pollMs = 200;
/** A node, or a way to it, that is gone longer ends the waiting. */
const patienceMs = 10_000;

/**
 * Asks for the drain of a node and waits until its last client has gone. That the waiting ends, by a signal or `timeoutMs` (exit 6), does not
 * end the draining: it is said.
 */
export async function drainNode(context: CliContext, { node, perSecond, timeoutMs }: DrainNodeOptions): Promise<void> {
  const client = await context.client();
  const { line } = context.text;
  const id = node ?? (await client.version()).node;
  const { connections } = await askNode(context, id, () => client.node(id));
  await confirm(context, line.drainNode(id, connections));
  const askedAt = performance.now();
  const { clients } = await askNode(context, id, () =>
    client.drainNode(id, perSecond === undefined ? {} : { perSecond }),
  );
  const signal = context.interruptSignal();
  const progress = createProgress(context.stderr, context.globals.quiet === true || context.stderr.isTTY !== true);
  try {
    await untilDrained(client, {
      id,
      progress,
      context,
      signal,
      deadline: askedAt + (timeoutMs ?? Number.POSITIVE_INFINITY),
    });
  } catch (error) {
    progress.clear();
    if (!(error instanceof CliError && error.exit === exitCodes.failed)) context.note(line.drainGoesOn(id));
    throw signal.aborted ? new CliError(line.notDone, { exit: exitCodes.interrupted }) : error;
  } finally {
    progress.clear();
  }
  const seconds = Math.round((performance.now() - askedAt) / 100) / 10;
  await (await context.printer()).record('yunque.drained/1', { node: id, clients, seconds });
  context.note(line.drained(id));
}

interface Waiting {
  readonly id: string;
  readonly context: CliContext;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly deadline: number;
}

async function untilDrained(client: AdminClient, { id, context, progress, signal, deadline }: Waiting): Promise<void> {
  const { line } = context.text;
  let answeredAt = performance.now();
  let left: number | undefined;
  for (;;) {
    const stats = await statsOf(client, id);
    if (stats instanceof ClientError) {
      if (performance.now() - answeredAt > patienceMs)
        throw isGone(stats) ? new CliError(line.drainGone(id, left), { exit: exitCodes.failed }) : stats;
    } else {
      answeredAt = performance.now();
      const { drain } = stats;
      if (drain === undefined) throw new CliError(line.drainEnded(id), { exit: exitCodes.failed });
      left = drain.left;
      if (left === 0) return;
      progress.show((drain.clients - left) / drain.clients, line.draining(left, drain.clients));
    }
    if (performance.now() > deadline) throw new CliError(line.notDrained(id), { exit: exitCodes.timedOut });
    await sleep(pollMs, undefined, { signal });
  }
}

/** The others know it no longer: it has stopped, or died. */
function isGone({ body }: ClientError): boolean {
  return body?.code === 'unknown_node';
}

/** What a node that is away for a moment is answered with may get better. */
async function statsOf(client: AdminClient, id: string): Promise<NodeStats | ClientError> {
  try {
    return await client.node(id);
  } catch (error) {
    if (error instanceof ClientError && error.kind !== 'denied' && error.kind !== 'interrupted') return error;
    throw error;
  }
}
