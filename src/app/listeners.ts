import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dialect } from '../api/dialect.ts';
import type { Config } from '../config/schema.ts';
import { type Handlers, listen, portOf } from './listen.ts';
import type { Owned } from './owned.ts';

type Paths = Readonly<Record<string, Dialect>>;

/** Where requests go once the node is ready. */
export interface Doors {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, paths: Paths): void;
}

/** The node's ports. They are open before the node behind them is ready, and answer 503 until `serve`. */
export interface Listeners {
  readonly port: number;
  /** The port and those of the further listeners, in the order of the configuration. */
  readonly ports: readonly number[];
  /** What the operator's socket is served by. */
  readonly operatorHandlers: () => Handlers | undefined;
  serve(doors: Doors): void;
  /** Ends connections that wait for another request. */
  closeIdle(): void;
  /** Takes no more connections, and ends those there are once `answered` has resolved: no request is under way then. */
  close(answered?: Promise<void>): Promise<void>;
}

export async function openListeners(config: Config, isFull: () => boolean, owned: Owned): Promise<Listeners> {
  let doors: Doors | undefined;
  const servers: Server[] = [];
  const handlersFor = (paths: Paths) => (): Handlers | undefined => {
    const ready = doors;
    return (
      ready && {
        request: (request, response) => ready.request(request, response),
        upgrade: (request, socket, head) => ready.upgrade(request, socket, head, paths),
      }
    );
  };
  const close = async (answered?: Promise<void>) =>
    void (await Promise.all(servers.map((server) => closeServer(server, answered))));
  owned.add('the listeners', () => close());

  const { headerBytes } = config.limits;
  const mainHandlers = handlersFor(config.paths);
  servers.push(await listen({ port: config.port, host: config.host, headerBytes, handlers: mainHandlers, isFull }));
  for (const { port, host, dialect } of config.listeners) {
    const handlers = handlersFor({ ...config.paths, '/': dialect });
    servers.push(await listen({ port, host: host ?? config.host, headerBytes, handlers, isFull }));
  }
  const ports = servers.map(portOf);
  return {
    port: ports[0] ?? 0,
    ports,
    operatorHandlers: mainHandlers,
    serve: (ready) => {
      doors = ready;
    },
    closeIdle: () => {
      for (const server of servers) server.closeIdleConnections();
    },
    close,
  };
}

/** Harmless when the server is closed already. */
export async function closeServer(server: Server, answered?: Promise<void>): Promise<void> {
  if (!server.listening) return server.closeAllConnections();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await answered;
  // Node counts one that was opened and never asked anything as busy: `closeIdleConnections` would leave it.
  server.closeAllConnections();
  await closed;
}
