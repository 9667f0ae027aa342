import { availableParallelism } from 'node:os';
import { exitCodes } from '../../api/errors.ts';
import { loadDialects } from '../../load/dialects.ts';
import { type Opened, openReceivers, type Receivers } from '../../load/receivers.ts';
import type { ClientPlan } from '../../load/thread-protocol.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import type { LiveProgress } from '../output/live-progress.ts';
import { readableFailures } from './failures.ts';
import type { ClientFlags } from './flags.ts';
import type { Place } from './place.ts';

/** At the same time: more than this a listener may not have room for while they wait. */
const mostConnecting = 200;
/** For all to be ready, where a server makes them come again. */
const patienceMs = 120_000;

export interface CrowdOptions {
  readonly place: Place;
  readonly flags: ClientFlags;
  readonly plans: readonly ClientPlan[];
  readonly lanes: number;
  readonly magic: string;
  readonly epochMs: number;
  /** Connections a second; absent: as fast as they are let in. */
  readonly perSecond?: number | undefined;
  readonly progress: LiveProgress;
  readonly signal: AbortSignal;
}

export interface OpenCrowd {
  readonly receivers: Receivers;
  /** Who is connected when it ended; with Ctrl-C some may not be. */
  readonly opened: Opened;
}

/** Connects them all, and waits until each is ready or will not be. Rejects with `CliError` where none is. */
export async function openCrowd(context: CliContext, options: CrowdOptions): Promise<OpenCrowd> {
  const { place, flags, plans, lanes, magic, epochMs, perSecond, progress, signal } = options;
  const receivers = openReceivers({
    endpoint: place.ws,
    clients: plans,
    wire: loadDialects[flags.dialect].wire,
    threads: Math.min(flags.threads ?? defaultThreads(), plans.length),
    pace: { concurrency: mostConnecting, perSecond },
    magic,
    lanes,
    epochMs,
    timeoutMs: context.globals.timeout,
  });
  try {
    using _shown = progress.follow(() => {
      const { ready } = receivers.counts();
      return [ready / plans.length, context.text.line.benchConnecting(ready, plans.length)];
    });
    const found = await firstOf(
      receivers,
      signal,
      patienceMs + (perSecond === undefined ? 0 : (plans.length * 1000) / perSecond),
    );
    const opened = { ...found, failures: readableFailures(found.failures, flags.dialect) };
    if (!signal.aborted && !opened.isReady.includes(true))
      throw noneConnected(opened, place, context.text.line.benchTokensHint);
    return { receivers, opened };
  } catch (error) {
    await receivers[Symbol.asyncDispose]();
    throw error;
  }
}

async function firstOf(receivers: Receivers, signal: AbortSignal, patience: number): Promise<Opened> {
  const interrupted = Promise.withResolvers<Opened>();
  const nobody: Opened = { ids: [], isReady: [], failures: new Map() };
  const onAbort = () => interrupted.resolve(nobody);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(onAbort, patience);
  try {
    return await Promise.race([receivers.opened, receivers.failed, interrupted.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Half of the machine for what receives; the server or the sender needs the rest. */
function defaultThreads(): number {
  return Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2)));
}

/** What most of them met. */
export function mostFrequent(failures: ReadonlyMap<string, number>): string | undefined {
  return [...failures].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}

function noneConnected({ failures }: Opened, { ws }: Place, tokensHint: string): CliError {
  const reason = mostFrequent(failures) ?? 'no answer in time';
  const isRefused = /^HTTP 40[13]|401|4500/.test(reason);
  return new CliError(`no client could connect to ${ws.host}:${ws.port}: ${reason}`, {
    exit: isRefused ? exitCodes.denied : /in time/.test(reason) ? exitCodes.timedOut : exitCodes.unreachable,
    hint: isRefused ? tokensHint : undefined,
  });
}
