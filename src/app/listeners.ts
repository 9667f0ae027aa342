import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Dialect } from '../api/dialect.ts';
import type { Config } from '../config/schema.ts';
import { trackIdle } from './idle-connections.ts';
import { changeCertificate, type Handlers, hostOf, listen, portOf } from './listen.ts';
import type { Owned } from './owned.ts';
import { readTlsPair, type TlsFiles, type TlsPair, tlsFilesOf } from './tls-files.ts';

type Paths = Readonly<Record<string, Dialect>>;

/** Where requests go once the node is ready. */
export interface Doors {
  request(request: IncomingMessage, response: ServerResponse): void;
  /** Those that come to a port which carries WebSocket only. */
  webSocketOnly(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, paths: Paths): void;
  /** Whether it is the node's own probe. */
  isOwn(request: IncomingMessage): boolean;
}

/** The node's ports. They are open before the node behind them is ready, and answer 503 until `serve`. */
export interface Listeners {
  readonly port: number;
  /** The address the port is bound to. */
  readonly host: string;
  /** The port and those of the further listeners, in the order of the configuration. */
  readonly ports: readonly number[];
  /** Where the node reaches itself: a port of loopback that answers its probe and nobody else; undefined where `port` is this node's alone. */
  readonly ownPort: number | undefined;
  /** Of the internal listener, where there is one. */
  readonly internalPort: number | undefined;
  /** What the operator's socket is served by. */
  readonly operatorHandlers: () => Handlers | undefined;
  /** Whether a request's socket came in by the internal listener. */
  isInternal(socket: object): boolean;
  /** What the ports show, where they speak TLS. */
  certificate(): TlsPair | undefined;
  /**
   * Reads certificate and key again, from `files` where they have moved. Throws `StartError` where they cannot be used. From `commit` on connections get the
   * new ones; those that are there keep theirs. Undefined without TLS, which begins and ends with a restart.
   */
  prepareTls(files?: TlsFiles): { readonly pair: TlsPair; commit(): void } | undefined;
  serve(doors: Doors): Promise<void>;
  /** Leaves the public ports to the others that listen there: connections that are there stay, but for idle ones. After what was begun before. */
  leavePorts(): Promise<void>;
  /** Listens there again, on all or on none: throws `StartError`. After what was begun before. */
  enterPorts(): Promise<void>;
  /** Ends connections that have been waiting for a request for a while. */
  closeIdle(): void;
  /** Takes no more connections, and ends those there are once `answered` has resolved: no request is under way then. */
  close(answered?: Promise<void>): Promise<void>;
}

export interface ListenersOptions {
  readonly config: Pick<Config, 'port' | 'host' | 'listeners' | 'paths' | 'limits' | 'tls' | 'internal'>;
  /** Whether a new connection is dropped at once, asked for each. */
  readonly isFull: (listener: 'public' | 'internal') => boolean;
  /**
   * Whether others listen on the same ports. `hold`: it keeps them until they do. `join`: it listens beside them from `serve` on, on the ports
   * of the configuration, and on one of its own for the probe. Default: nobody else does.
   */
  readonly sharing?: 'none' | 'hold' | 'join';
  /** About what works and is unwise. */
  readonly onWarning: (warning: string) => void;
}

/** Throws `StartError`. */
export async function openListeners(
  { config, isFull, sharing = 'none', onWarning }: ListenersOptions,
  owned: Owned,
): Promise<Listeners> {
  let files = tlsFilesOf(config.tls);
  let pair = files && readTlsPair(files);
  for (const warning of pair?.warnings ?? []) onWarning(warning);

  let doors: Doors | undefined;
  /** Each with what ends its idle connections. */
  const servers = new Map<Server, () => void>();
  const internalSockets = new WeakSet<object>();
  const handlersFor = (request: 'request' | 'webSocketOnly', paths: Paths) => (): Handlers | undefined => {
    const ready = doors;
    return (
      ready && {
        request: (...asked) => ready[request](...asked),
        upgrade: (asked, socket, head) => ready.upgrade(asked, socket, head, paths),
      }
    );
  };
  let turning: Promise<void> = Promise.resolve();
  const close = async (answered?: Promise<void>) => {
    await turning;
    await Promise.all([...servers.keys()].map((server) => closeServer(server, answered)));
  };
  owned.add('the listeners', () => close());

  const { headerBytes } = config.limits;
  const { internal } = config;
  const open = async (
    listener: 'public' | 'internal',
    options: Pick<Parameters<typeof listen>[0], 'port' | 'host' | 'handlers' | 'tls' | 'reusePort'>,
  ) => {
    const server = await listen({ ...options, headerBytes, isFull: () => isFull(listener) });
    servers.set(server, trackIdle(server));
    return server;
  };
  const publicRequest = internal.listen === undefined ? 'request' : 'webSocketOnly';
  const places = [
    { port: config.port, host: config.host, paths: config.paths },
    ...config.listeners.map(({ port, host, dialect }) => {
      return { port, host: host ?? config.host, paths: { ...config.paths, '/': dialect } };
    }),
  ];
  const reusePort = sharing !== 'none';
  let onPublic: readonly Server[] = [];
  const openPublic = async () => {
    const opened: Server[] = [];
    onPublic = opened;
    for (const { port, host, paths } of places) {
      opened.push(
        await open('public', { port, host, handlers: handlersFor(publicRequest, paths), tls: pair, reusePort }),
      );
    }
    return opened;
  };
  const leavePublic = () => {
    for (const server of onPublic) {
      servers.get(server)?.();
      // HTTP's own would cut off those whose first request is on its way.
      NetServer.prototype.close.call(server, () => {
        servers.delete(server);
        server.close();
      });
    }
    onPublic = [];
  };
  const enterPublic = async () => {
    if (onPublic.length > 0) return;
    try {
      await openPublic();
    } catch (error) {
      leavePublic();
      throw error;
    }
  };
  const inTurn = (work: () => Promise<void> | void): Promise<void> => {
    const done = turning.then(work);
    turning = done.catch(() => {});
    return done;
  };
  const openInternal = async () => {
    if (internal.listen === undefined) return undefined;
    const handlers = handlersFor('request', {});
    const server = await open('internal', {
      ...internal.listen,
      handlers,
      tls: internal.tls ? pair : undefined,
      reusePort,
    });
    server.on('connection', (socket) => internalSockets.add(socket));
    // With TLS this is the socket that requests have.
    server.on('secureConnection', (socket: Socket) => internalSockets.add(socket));
    return server;
  };
  let [main, ports] = [undefined as Server | undefined, places.map(({ port }) => port)];
  let internalPort = internal.listen?.port;
  const openAll = async () => {
    const opened = await openPublic();
    const inside = await openInternal();
    [main, ports] = [opened[0], opened.map(portOf)];
    if (inside !== undefined) internalPort = portOf(inside);
  };
  let ownPort: number | undefined;
  if (sharing === 'join') {
    const handlers = ownHandlers(() => doors, { ...places[1]?.paths, ...config.paths });
    ownPort = portOf(await open('internal', { port: 0, host: '127.0.0.1', handlers, tls: pair }));
  }
  if (sharing !== 'join') await openAll();
  const prepareTls = (moved?: TlsFiles) => {
    if (files === undefined) return undefined;
    const from = moved ?? files;
    const fresh = readTlsPair(from);
    return {
      pair: fresh,
      commit() {
        for (const server of servers.keys()) changeCertificate(server, fresh);
        files = from;
        pair = fresh;
      },
    };
  };
  return {
    port: ports[0] ?? 0,
    host: main === undefined ? (config.host ?? '') : hostOf(main),
    ports,
    ownPort,
    internalPort,
    operatorHandlers: handlersFor('request', config.paths),
    isInternal: (socket) => internalSockets.has(socket),
    certificate: () => pair,
    prepareTls,
    serve: async (ready) => {
      doors = ready;
      if (sharing === 'join') await openAll();
    },
    leavePorts: () => inTurn(leavePublic),
    enterPorts: () => inTurn(enterPublic),
    closeIdle: () => {
      for (const endIdle of servers.values()) endIdle();
    },
    close,
  };
}

/** Upgrades of the node's own probe, and nothing else. */
function ownHandlers(doors: () => Doors | undefined, paths: Paths): () => Handlers {
  return () => ({
    request: (_, response) => void response.writeHead(404, { Connection: 'close' }).end(),
    upgrade: (request, socket, head) => {
      const ready = doors();
      if (ready?.isOwn(request) === true) ready.upgrade(request, socket, head, paths);
      else socket.destroy();
    },
  });
}

/** Harmless when the server is closed already. */
export async function closeServer(server: Server, answered?: Promise<void>): Promise<void> {
  if (!server.listening) return server.closeAllConnections();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await answered;
  // Also those whose request never became whole.
  server.closeAllConnections();
  await closed;
}
