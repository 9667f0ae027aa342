import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { StartError } from '../../util/start-error.ts';
import type { GrpcCertificate } from './options.ts';

/** Of connections on which no call was let in yet: the oldest goes where there are more, and each after a while. */
const strangers = { most: 128, ms: 60_000, lookEveryMs: 1000 } as const;
/** Of any kind. */
const mostConnections = 1000;
/** From the connection to the end of the TLS handshake. */
const handshakeMs = 5000;

export interface GrpcPortOptions {
  readonly port: number;
  readonly host: string | undefined;
  readonly reusePort?: boolean;
  readonly tls: GrpcCertificate | undefined;
  /** Takes over a connection that is ready for HTTP/2. */
  readonly onConnection: (socket: Socket) => void;
}

interface Held {
  readonly socket: Socket;
  /** Milliseconds of the monotonic clock. */
  readonly since: number;
  isKnown: boolean;
}

/** The port of the push API: a bounded number of connections, and of strangers a bounded number for a bounded time. */
export class GrpcPort {
  readonly #options: GrpcPortOptions;
  readonly #server: Server;
  /** By `address:port` of the other end, in the order they came. */
  readonly #held = new Map<string, Held>();
  #look: NodeJS.Timeout | undefined;

  constructor(options: GrpcPortOptions) {
    this.#options = options;
    const onReady = (socket: Socket) => options.onConnection(socket);
    this.#server =
      options.tls === undefined
        ? createServer(onReady)
        : createTlsServer(
            { ...secureOptions(options.tls), ALPNProtocols: ['h2'], handshakeTimeout: handshakeMs },
            onReady,
          );
    this.#server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
    this.#server.maxConnections = mostConnections;
    this.#server.prependListener('connection', (socket: Socket) => this.#hold(socket));
  }

  /** Answers the port. Rejects with a `StartError`. */
  listen(): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const { port, host, reusePort = false } = this.#options;
    this.#server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    this.#server.listen({ port, reusePort, ...(host !== undefined && { host }) }, () => {
      this.#server.removeAllListeners('error');
      // Such as too many open files: who connects tries again.
      this.#server.on('error', () => {});
      resolve((this.#server.address() as AddressInfo).port);
    });
    return promise;
  }

  /** Whether a connection came in by this port. `peer`: `address:port`. */
  isOurs(peer: string): boolean {
    return this.#held.has(peer);
  }

  /** A call from there was let in. `peer`: `address:port`. */
  markKnown(peer: string): void {
    const held = this.#held.get(peer);
    if (held !== undefined) held.isKnown = true;
  }

  /** For connections from now on. */
  changeCertificate(tls: GrpcCertificate): void {
    if (this.#options.tls !== undefined) (this.#server as TlsServer).setSecureContext(secureOptions(tls));
  }

  /** Takes no more connections; those there are stay. Resolves when the last of them has gone. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        clearInterval(this.#look);
        resolve();
      });
    });
  }

  destroyAll(): void {
    for (const { socket } of this.#held.values()) socket.destroy();
  }

  #hold(socket: Socket): void {
    const key = `${socket.remoteAddress}:${socket.remotePort}`;
    const held: Held = { socket, since: performance.now(), isKnown: false };
    const unknown = [...this.#held.values()].filter(({ isKnown }) => !isKnown);
    if (unknown.length >= strangers.most) unknown[0]?.socket.destroy();
    this.#held.set(key, held);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.once('close', () => {
      if (this.#held.get(key) === held) this.#held.delete(key);
    });
    this.#watch();
  }

  /** One timer, while there are strangers. */
  #watch(): void {
    if (this.#look !== undefined) return;
    this.#look = setInterval(() => {
      const before = performance.now() - strangers.ms;
      let left = 0;
      for (const { socket, since, isKnown } of this.#held.values()) {
        if (isKnown) continue;
        if (since < before) socket.destroy();
        else left += 1;
      }
      if (left > 0) return;
      clearInterval(this.#look);
      this.#look = undefined;
    }, strangers.lookEveryMs);
    this.#look.unref();
  }
}

function secureOptions({ cert, key }: GrpcCertificate) {
  return { cert, key, minVersion: 'TLSv1.2' } as const;
}

function cannotListen(cause: NodeJS.ErrnoException, host: string | undefined, port: number): StartError {
  const where = host === undefined ? `port ${port}` : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const what = `the gRPC push API cannot listen on ${where}`;
  switch (cause.code) {
    case 'EADDRINUSE':
      return new StartError(`${what}: it is in use by another program`, {
        hint: `stop it (ss -ltnp 'sport = :${port}' names it), or set grpc.port to another one`,
        cause,
      });
    case 'EACCES':
      return new StartError(`${what}: this user may not`, {
        hint: 'ports below 1024 need a privilege: set grpc.port to a higher one',
        cause,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(`${what}: it is not an address of this machine`, {
        at: { key: 'grpc.host' },
        hint: 'set grpc.host to one of its addresses, or leave it out',
        exitCode: 78,
        cause,
      });
    default:
      return new StartError(`${what}: ${cause.message}`, { cause });
  }
}
