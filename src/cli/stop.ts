import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../api/errors.ts';
import type { ClusterStats, DrainStats } from '../api/stats.ts';
import type { AdminClient } from '../client/admin-client.ts';
import { ClientError } from '../client/client-error.ts';
import { parseServerAddress } from '../client/server-address.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { createProgress } from './output/progress.ts';
import { holdsDirectory, type Run, readRunEnd } from './run-end.ts';

export interface StopNodeOptions {
  /** Close the clients at once. */
  readonly now: boolean;
  /** Instead of the node's own `drain.duration`. */
  readonly drainMs: number | undefined;
  /** Undefined: a little longer than the node itself may take. */
  readonly timeoutMs: number | undefined;
}

const pollMs = 100;
const graceMs = 5000;
/** What a process of which nothing else is seen here gets to end after its doors are closed. */
const afterDoorsMs = 2000;

/**
 * Asks the node to drain and leave, and waits until its doors are closed and, on this machine, its process has ended. Rejects
 * with `ClientError`: `unreachable` where nobody was there, `timed_out` where it was not gone in time; it goes on stopping. With
 * `CliError` where it did not end well, as far as that can be seen from here.
 */
export async function stopNode(context: CliContext, { now, drainMs, timeoutMs }: StopNodeOptions): Promise<void> {
  const client = await context.client();
  const { line } = context.text;
  const asked = await describeNode(client);
  const {
    hardLimitMs,
    dataDirectory,
    process: whole,
  } = await client.stop({ now, ...(drainMs !== undefined && { drainMs }) });
  const node = whole === undefined ? asked : { ...whole, id: whole.node };
  const progressOf = whole === undefined ? () => drainOf(client, asked) : () => drainOfWhole(client);
  const limitMs = timeoutMs ?? hardLimitMs + graceMs;
  const deadline = performance.now() + limitMs;
  const askedAt = performance.now();
  const progress = createProgress(context.stderr, context.globals.quiet === true);
  try {
    for (;;) {
      const drain = await progressOf();
      if (drain === 'gone') break;
      if (drain !== undefined) progress.show(doneOf(drain), line.draining(drain.left, drain.clients));
      if (performance.now() > deadline) throw notGone(client.where, limitMs);
      await sleep(pollMs, undefined, { signal: context.interruptSignal() }).catch(() => {});
    }
    if (isHere(client.where, node)) await endOfProcess(client.where, { node, dataDirectory, deadline, limitMs });
  } finally {
    progress.clear();
  }
  const end = isHere(client.where, node) ? readRunEnd(dataDirectory, node) : undefined;
  if (end !== undefined && end.exit !== exitCodes.done) {
    throw new CliError(line.endedBadly(node.id, end.why ?? ''), { exit: exitCodes.failed, hint: line.endedBadlyHint });
  }
  const seconds = Math.round((performance.now() - askedAt) / 100) / 10;
  await (await context.printer()).record('yunque.stopped/1', { node: node.id, seconds });
}

interface Described extends Run {
  readonly id: string;
}

async function describeNode(client: AdminClient): Promise<Described> {
  const [version, stats] = await Promise.all([client.version(), client.stats()]);
  const own = stats.nodes.find(({ node }) => node === version.node);
  return { id: version.node, pid: own?.pid ?? 0, startedAt: own?.startedAt ?? 0 };
}

/** Of all workers together; a supervisor answers as long as it is there. */
async function drainOfWhole(client: AdminClient): Promise<DrainStats | 'gone' | undefined> {
  const stats = await statsOf(client);
  if (stats === 'gone' || stats === undefined) return stats;
  const drains = stats.nodes.flatMap(({ drain }) => (drain === undefined ? [] : [drain]));
  const sum = (field: 'clients' | 'left') => drains.reduce((total, drain) => total + drain[field], 0);
  return drains.length === 0 ? undefined : { clients: sum('clients'), left: sum('left') };
}

/** `gone` also where another start of it is there already; undefined where it gave no answer. */
async function drainOf(client: AdminClient, was: Described): Promise<DrainStats | 'gone' | undefined> {
  const stats = await statsOf(client);
  if (stats === 'gone' || stats === undefined) return stats;
  const own = stats.nodes.find(({ node }) => node === was.id);
  return own?.startedAt === was.startedAt && own.pid === was.pid ? own.drain : 'gone';
}

async function statsOf(client: AdminClient): Promise<ClusterStats | 'gone' | undefined> {
  try {
    return await client.stats();
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (error.situation?.is === 'cannot_connect') return 'gone';
    // It may have hung up on the way out, or have no worker left; asked again, nobody is there.
    if (error.kind === 'unreachable' || error.kind === 'timed_out' || error.body?.code === 'unavailable')
      return undefined;
    throw error;
  }
}

function doneOf({ clients, left }: DrainStats): number {
  return clients === 0 ? 1 : (clients - left) / clients;
}

function notGone(where: string, limitMs: number): ClientError {
  return new ClientError(
    'timed_out',
    { is: 'not_gone', values: [where, String(limitMs)] },
    { hint: 'it goes on stopping; hurry it with `yunque stop --now`, or wait longer with --timeout 1m' },
  );
}

/** The port and the data directory are free a moment after the doors are closed: a start right behind this must succeed. */
async function endOfProcess(where: string, { node: { pid }, dataDirectory, deadline, limitMs }: Ending): Promise<void> {
  const soon = performance.now() + afterDoorsMs;
  while (isAlive(pid)) {
    const isSeen = holdsDirectory(dataDirectory, pid);
    if (isSeen && performance.now() > deadline) throw notGone(where, limitMs);
    if (!isSeen && performance.now() > soon) return;
    await sleep(10);
  }
}

interface Ending {
  readonly node: Run;
  readonly dataDirectory: string;
  readonly deadline: number;
  readonly limitMs: number;
}

function isHere(where: string, { pid }: Run): boolean {
  const address = parseServerAddress(where);
  return (address.kind === 'socket' || address.isLoopback) && pid !== 0 && pid !== process.pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
