import type { Server } from 'node:http';
import type { Connection } from '../registry/connection.ts';
import type { Logger } from '../telemetry/log.ts';
import { closePaced } from './drain.ts';

export interface StopOptions {
  readonly log: Logger;
  readonly drainMs: number;
  readonly hardLimitMs: number;
  /** Readiness goes first, newcomers are refused; answers who is to be closed. */
  readonly beginDraining: () => readonly Connection[];
  readonly whenClientsGone: () => Promise<void>;
  readonly stopProbe: () => Promise<void>;
  readonly servers: readonly Server[];
  readonly http: { close(): Promise<void> };
  /** What is left, in reverse order of starting. */
  readonly release: () => Promise<void>;
}

export type Stop = (options?: { hurry?: boolean }) => Promise<void>;

/** The end of a node, step by step, under one hard limit. A second call hurries the first. */
export function createStop(options: StopOptions): Stop {
  const hurry = new AbortController();
  let step = 'starting to stop';
  let ending: Promise<void> | undefined;

  async function end(): Promise<void> {
    const connections = options.beginDraining();
    options.log.info({ clients: connections.length }, 'draining');
    step = 'closing the clients';
    await closePaced(connections, options.drainMs, hurry.signal);
    step = 'waiting for the clients to go';
    await options.stopProbe();
    await options.whenClientsGone();
    step = 'closing the listeners';
    const closed = options.servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const server of options.servers) server.closeIdleConnections();
    await options.http.close();
    for (const server of options.servers) server.closeAllConnections();
    await Promise.all(closed);
    step = 'closing the stores';
    await options.release();
    options.log.info('stopped');
  }

  return async ({ hurry: now = false } = {}) => {
    if (now || ending !== undefined) hurry.abort();
    ending ??= within(options.hardLimitMs, end(), () => step);
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
