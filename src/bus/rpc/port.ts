import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { StartError } from '../../util/start-error.ts';
import { type AcceptedCall, acceptedStream, type FrameStream, linkMethod, serverOptions } from './frame-stream.ts';
import { certificateFingerprint, type RpcTls, wordsOfTls } from './tls.ts';

/** What who has not proved anything may take. A handshake takes some milliseconds and, with long chains of certificates, 20 KiB. */
const limits = { connections: 64, bytes: 64 * 1024, ms: 3000, lookEveryMs: 50 } as const;
/** Connections of any kind. */
const mostConnections = 2000;
/** For a stream that has ended to say so. */
const lastWordsMs = 500;

export interface RpcPortOptions {
  readonly tls: RpcTls | undefined;
  /** `proven`: to be called when it is one of us. `from`: an address. */
  readonly onStream: (stream: FrameStream, from: string, proven: () => void) => void;
  readonly onTlsFailure: (from: string, why: { what: string; hint: string }) => void;
}

interface Held {
  readonly socket: Socket;
  state: 'stranger' | 'proven' | 'ending';
  /** Milliseconds of the monotonic clock; of one that is not proven. */
  until: number;
}

/**
 * The port of the RPC. Of strangers it holds a bounded number of connections for a bounded time and with bounded bytes; where
 * there are too many the oldest goes, as one of us would have proved itself by now. A connection carries one stream and ends with it.
 */
export class RpcPort {
  readonly #options: RpcPortOptions;
  readonly #grpc = new GrpcServer(serverOptions);
  readonly #inject: (socket: Socket) => void;
  readonly #server: Server;
  readonly #held = new Map<string, Held>();
  #own: string | undefined;
  #look: NodeJS.Timeout | undefined;

  constructor(options: RpcPortOptions) {
    this.#options = options;
    const { tls } = options;
    this.#grpc.addService({ link: linkMethod }, { link: (call: AcceptedCall) => this.#accept(call) });
    const injector = this.#grpc.createConnectionInjector(ServerCredentials.createInsecure());
    this.#inject = (socket) => injector.injectConnection(socket);
    this.#server = tls === undefined ? createServer((socket) => this.#inject(socket)) : this.#createTlsServer(tls);
    this.#server.maxConnections = mostConnections;
    this.#server.prependListener('connection', (socket: Socket) => this.#hold(socket));
  }

  /** Connections of those who have not proved anything. */
  get strangers(): number {
    return [...this.#held.values()].filter(({ state }) => state === 'stranger').length;
  }

  /** Answers the port. Rejects with a `StartError`. */
  listen(host: string, port: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const server = this.#server;
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      // Such as too many open files: who dials tries again.
      server.on('error', () => {});
      resolve((server.address() as AddressInfo).port);
    });
    return promise;
  }

  /** For connections from now on. */
  reload(tls: RpcTls): void {
    (this.#server as TlsServer).setSecureContext?.({ cert: tls.cert, key: tls.key, ca: tls.ca });
    this.#own = certificateFingerprint(tls.cert);
  }

  /** Streams have so long to end by themselves. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const late = setTimeout(() => this.#destroyAll(), graceMs);
    await new Promise<void>((resolve) => this.#grpc.tryShutdown(() => resolve()));
    clearTimeout(late);
    this.#destroyAll();
    await closed;
    clearInterval(this.#look);
  }

  /** As a process that is killed. */
  crash(): void {
    this.#server.close();
    this.#destroyAll();
    this.#grpc.forceShutdown();
    clearInterval(this.#look);
  }

  #createTlsServer(tls: RpcTls): Server {
    this.#own = certificateFingerprint(tls.cert);
    const { cert, key, ca } = tls;
    // Whoever is refused by TLS itself is refused without a word in the log of either side.
    const options = { cert, key, ca, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['h2'] };
    const server = createTlsServer({ ...options, handshakeTimeout: limits.ms }, (socket) => {
      if (socket.authorized) return this.#inject(socket);
      const hasNone = socket.getPeerX509Certificate() === undefined;
      // Such as `UNABLE_TO_GET_ISSUER_CERT`; the types say it is an error.
      const failure = hasNone ? 'did not return a certificate' : String(socket.authorizationError);
      const why = wordsOfTls(failure, 'accepted') ?? { what: failure, hint: 'have a new certificate made' };
      this.#options.onTlsFailure(socket.remoteAddress ?? 'a stranger', why);
      socket.destroy();
    });
    server.on('tlsClientError', (error: NodeJS.ErrnoException, { remoteAddress }) => {
      const why = wordsOfTls(`${error.code} ${error.message}`, 'accepted');
      if (why !== undefined) this.#options.onTlsFailure(remoteAddress ?? 'a stranger', why);
    });
    return server;
  }

  #accept(call: AcceptedCall): void {
    const stream = acceptedStream(call, this.#own);
    const from = call.getPeer();
    const held = this.#held.get(from);
    stream.onEnd(() => {
      stream.end();
      if (held === undefined) return;
      held.state = 'ending';
      held.until = performance.now() + lastWordsMs;
      this.#watch();
    });
    this.#options.onStream(stream, from, () => {
      if (held !== undefined) held.state = 'proven';
    });
  }

  #hold(socket: Socket): void {
    const key = `${socket.remoteAddress}:${socket.remotePort}`;
    const held: Held = { socket, state: 'stranger', until: performance.now() + limits.ms };
    const strangers = [...this.#held].filter(([, { state }]) => state === 'stranger');
    const [oldest] = strangers;
    if (oldest !== undefined && strangers.length >= limits.connections) {
      this.#held.delete(oldest[0]);
      oldest[1].socket.destroy();
    }
    this.#held.set(key, held);
    socket.on('error', () => {});
    socket.once('close', () => {
      if (this.#held.get(key) === held) this.#held.delete(key);
    });
    this.#watch();
  }

  /** One timer, while there are strangers. */
  #watch(): void {
    this.#look ??= setInterval(() => {
      const now = performance.now();
      let watched = 0;
      for (const { socket, state, until } of this.#held.values()) {
        if (state === 'proven') continue;
        watched += 1;
        if (now > until || (state === 'stranger' && socket.bytesRead > limits.bytes)) socket.destroy();
      }
      if (watched > 0) return;
      clearInterval(this.#look);
      this.#look = undefined;
    }, limits.lookEveryMs);
  }

  #destroyAll(): void {
    for (const { socket } of this.#held.values()) socket.destroy();
  }
}

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number): StartError {
  const where = `the RPC cannot listen on ${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (cause.code) {
    case 'EADDRINUSE':
      return new StartError(`${where}: it is in use by another program`, {
        hint: 'end what listens there, or serve another port: the nodes of a machine talk on port + 1000 (cluster.rpcPort), its workers on those from there on',
        cause,
      });
    case 'EACCES':
      return new StartError(`${where}: this user may not`, {
        hint: 'ports below 1024 need a privilege: set cluster.rpcPort to a higher one',
        cause,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(`${where}: it is not an address of this machine`, {
        hint: 'set host to one of its addresses; what the others dial is cluster.advertise',
        exitCode: 78,
        cause,
      });
    default:
      return new StartError(`${where}: ${cause.message}`, { cause });
  }
}
