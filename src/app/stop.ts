import type { Connection } from '../registry/connection.ts';
import type { Logger } from '../telemetry/log.ts';
import { closePaced } from './drain.ts';
import type { Owned } from './owned.ts';

/** What requests under way get to be answered once the clients are gone. */
const requestGraceMs = 1000;

export interface StopOptions {
  readonly log: Logger;
  readonly owned: Owned;
  readonly drainMs: number;
  readonly hardLimitMs: number;
  /** Readiness goes first, newcomers are refused; answers who is to be closed. */
  readonly beginDraining: () => readonly Connection[];
  readonly whenClientsGone: () => Promise<void>;
  readonly closeListeners: (graceMs: number) => Promise<void>;
}

export type Stop = (options?: { hurry?: boolean }) => Promise<void>;

/** The end of a node, step by step, under one hard limit. A second call hurries the first. */
export function createStop(options: StopOptions): Stop {
  const { owned, log } = options;
  const hurry = new AbortController();
  let ending: Promise<void> | undefined;

  async function end(): Promise<void> {
    const connections = options.beginDraining();
    log.info({ clients: connections.length }, 'draining');
    owned.step = 'closing the clients';
    await closePaced(connections, options.drainMs, hurry.signal);
    owned.step = 'waiting for the clients to go';
    await options.whenClientsGone();
    owned.step = 'closing the listeners';
    await options.closeListeners(requestGraceMs);
    await owned[Symbol.asyncDispose]();
    log.info('stopped');
  }

  return async ({ hurry: now = false } = {}) => {
    if (now || ending !== undefined) hurry.abort();
    ending ??= within(options.hardLimitMs, end(), () => owned.step);
    return ending;
  };
}

async function within(ms: number, work: Promise<void>, step: () => string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not stopped within ${ms} ms: stuck ${step()}`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
