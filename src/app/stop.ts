import type { Connection } from '../registry/connection.ts';
import type { Logger } from '../telemetry/log.ts';
import { within } from '../util/within.ts';
import { closePaced, pause } from './drain.ts';
import type { Owned } from './owned.ts';

/** What requests under way get to be answered once the clients are gone. */
const requestGraceMs = 1000;
/** What is left for all else when somebody asks for a drain longer than the hard limit. */
const afterDrainMs = 10_000;

export interface StopTimes {
  readonly graceMs: number;
  readonly durationMs: number;
  readonly hardLimitMs: number;
}

export interface StopOptions {
  readonly log: Logger;
  readonly owned: Owned;
  readonly times: StopTimes;
  /** Readiness goes first, newcomers are refused. */
  readonly beginDraining: () => void;
  /** Nobody is connected and nobody came lately, so nobody has to notice first. */
  readonly isQuiet: () => boolean;
  /** Clients may have asked what is not answered yet. */
  readonly beforeClosing: (hurry: AbortSignal) => Promise<void>;
  /** Those that are to be closed; whoever has not bound is closed by this already. */
  readonly takeClients: () => readonly Connection[];
  readonly whenClientsGone: () => Promise<void>;
  readonly closeListeners: (graceMs: number) => Promise<void>;
}

export interface StopRequest {
  /** Everything that waits is done at once. */
  readonly hurry?: boolean | undefined;
  /** Clients are spread over all of it, for the first call only; the hard limit gives way to a longer one. */
  readonly drainMs?: number | undefined;
  /** Instead of `drain.duration`, for the first call only: many clients are spread over it, few are closed sooner. */
  readonly atMostDrainMs?: number | undefined;
  /** Instead of `drain.grace`, for the first call only. */
  readonly graceMs?: number | undefined;
  /** Instead of `drain.hardLimit`, for this call. */
  readonly hardLimitMs?: number | undefined;
}

export type Stop = (request?: StopRequest) => Promise<void>;

/** The end of a node, step by step, under one hard limit. A second call hurries the first. */
export function createStop(options: StopOptions): Stop {
  const { owned, log, times } = options;
  const hurry = new AbortController();
  let ending: Promise<void> | undefined;

  async function end(request: StopRequest): Promise<void> {
    const { graceMs = times.graceMs, drainMs, atMostDrainMs = times.durationMs } = request;
    options.beginDraining();
    if (options.isQuiet()) log.info('stopping; nobody is connected');
    else {
      owned.step = 'waiting for balancers to notice';
      await pause(graceMs, hurry.signal);
    }
    owned.step = 'waiting for answers to clients';
    await options.beforeClosing(hurry.signal);
    const connections = options.takeClients();
    log.info({ clients: connections.length }, 'closing the clients');
    owned.step = 'closing the clients';
    await closePaced(connections, {
      durationMs: drainMs ?? atMostDrainMs,
      pace: drainMs === undefined ? 'rate' : 'duration',
      hurry: hurry.signal,
    });
    owned.step = 'waiting for the clients to go';
    await options.whenClientsGone();
    owned.step = 'closing the listeners';
    await options.closeListeners(requestGraceMs);
    await owned[Symbol.asyncDispose]();
    log.info('stopped');
  }

  return async (request = {}) => {
    if (request.hurry === true || ending !== undefined) hurry.abort();
    ending ??= end(request);
    const limitMs = stopLimitMs(times, request);
    await within(limitMs, ending, () => new Error(`not stopped within ${limitMs} ms: stuck ${owned.step}`));
  };
}

/** How long such a stop may take. */
export function stopLimitMs({ graceMs, ...times }: Omit<StopTimes, 'durationMs'>, request: StopRequest): number {
  const { drainMs, hardLimitMs = times.hardLimitMs } = request;
  if (drainMs === undefined) return hardLimitMs;
  return Math.max(hardLimitMs, graceMs + drainMs + afterDrainMs);
}
