import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './services/free-port.ts';
import type { Scope } from './services/scope.ts';

/** Bytes read and not yet passed on, each way of a connection, before the sender has to wait. */
const READ_AHEAD_BYTES = 256 * 1024;

export type Direction = 'requests' | 'replies';

/** A TCP proxy on 127.0.0.1 that can be a bad network. Each call changes what is so from now on, for open connections too. */
export interface FaultProxy {
  readonly host: string;
  readonly port: number;
  /** Open now. */
  readonly connections: number;
  /** Since the start. */
  readonly accepted: number;
  /**
   * Ends all faults. What a black hole held back goes on, as TCP sends again after a partition; a connection whose
   * replies were dropped has a hole in its stream and is reset.
   */
  pass(): Promise<void>;
  /** Resets every open connection; new ones are welcome. */
  cut(): void;
  /** Resets every open connection and refuses new ones (ECONNREFUSED), as a server that has gone. */
  refuse(): Promise<void>;
  /**
   * Nothing goes on, no end of a connection either, and nothing is closed: a partition, or one way of it. New connections open and stay silent.
   */
  blackhole(direction?: Direction | 'both'): void;
  /** Requests arrive and are carried out, their replies are lost. */
  dropReplies(): void;
  /** Each way: what is sent arrives so much later, and no faster. */
  slow(by: { readonly latencyMs?: number; readonly bytesPerSecond?: number }): void;
}

interface Faults {
  /** Resolves when the way is free. */
  readonly held: Record<Direction, Promise<void> | undefined>;
  dropsReplies: boolean;
  latencyMs: number;
  bytesPerSecond: number;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  hasHole: boolean;
}

export async function startFaultProxy(
  scope: Scope,
  target: { readonly host?: string; readonly port: number },
): Promise<FaultProxy> {
  const { host = '127.0.0.1' } = target;
  const port = await freePort();
  const links = new Set<Link>();
  const faults: Faults = {
    held: { requests: undefined, replies: undefined },
    dropsReplies: false,
    latencyMs: 0,
    bytesPerSecond: Number.POSITIVE_INFINITY,
  };
  let accepted = 0;
  let letGo: (() => void)[] = [];
  let listening: Server | undefined;

  const onConnection = (client: Socket): void => {
    accepted += 1;
    const server = connect({ host, port: target.port, allowHalfOpen: true });
    const link = { client, server, hasHole: false };
    links.add(link);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => void (client.destroyed && server.destroyed && links.delete(link)));
    }
    void pump(link, 'requests', faults);
    void pump(link, 'replies', faults);
  };
  const listen = async (): Promise<void> => {
    if (listening !== undefined) return;
    listening = createServer({ allowHalfOpen: true }, onConnection).listen(port, '127.0.0.1');
    await once(listening, 'listening');
  };
  const cut = (): void => {
    for (const link of links) reset(link);
  };
  const refuse = async (): Promise<void> => {
    const closing = listening;
    listening = undefined;
    const closed = closing && once(closing, 'close');
    closing?.close();
    cut();
    await closed;
  };
  const release = (): void => {
    faults.held.requests = undefined;
    faults.held.replies = undefined;
    for (const go of letGo) go();
    letGo = [];
  };

  scope.after(async () => {
    release();
    await refuse();
  });
  await listen();
  return {
    host: '127.0.0.1',
    port,
    get connections() {
      return links.size;
    },
    get accepted() {
      return accepted;
    },
    async pass() {
      for (const link of links) if (link.hasHole) reset(link);
      Object.assign(faults, { dropsReplies: false, latencyMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY });
      release();
      await listen();
    },
    cut,
    refuse,
    blackhole(direction = 'both') {
      const { promise, resolve } = Promise.withResolvers<void>();
      letGo.push(resolve);
      if (direction !== 'replies') faults.held.requests ??= promise;
      if (direction !== 'requests') faults.held.replies ??= promise;
    },
    dropReplies() {
      faults.dropsReplies = true;
    },
    slow({ latencyMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY }) {
      Object.assign(faults, { latencyMs, bytesPerSecond });
    },
  };
}

function reset({ client, server }: Link): void {
  client.resetAndDestroy();
  server.resetAndDestroy();
}

/** One way of a connection, in order, its end included: after the last byte, and not before a black hole is over. */
async function pump(link: Link, direction: Direction, faults: Faults): Promise<void> {
  const [from, to] = direction === 'requests' ? [link.client, link.server] : [link.server, link.client];
  const isFree = () => faults.held[direction] ?? Promise.resolve();
  let waiting = 0;
  let passed = Promise.resolve();
  const passOn = async (chunk: Buffer, due: number): Promise<void> => {
    const early = due - performance.now();
    if (early > 0) await delay(early);
    if (Number.isFinite(faults.bytesPerSecond)) await delay((chunk.length / faults.bytesPerSecond) * 1000);
    await isFree();
    if (direction === 'replies' && faults.dropsReplies) link.hasHole = true;
    else if (!to.destroyed && !to.write(chunk)) await drained(to);
    waiting -= chunk.length;
  };
  try {
    for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const due = performance.now() + faults.latencyMs;
      waiting += chunk.length;
      passed = passed.then(() => passOn(chunk, due));
      if (waiting > READ_AHEAD_BYTES || Number.isFinite(faults.bytesPerSecond)) await passed;
    }
    await passed;
    await isFree();
    to.end();
  } catch {
    // The sender was reset.
    await isFree();
    reset(link);
  }
}

async function drained(socket: Socket): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]).catch(() => {});
  over.abort();
}
