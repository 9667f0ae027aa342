import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { endSocket } from '../util/end-socket.ts';
import { isBelowAdmin } from '../util/request-path.ts';
import { type SettingPlace, StartError } from '../util/start-error.ts';
import { forgiveLateness } from './forgive-lateness.ts';
import { boundPipelining } from './pipelining.ts';
import type { TlsPair } from './tls-files.ts';
import { endHandshakesOnClose } from './tls-handshakes.ts';

/** Where the requests of a listener go. */
export interface Handlers {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface ListenOptions {
  readonly port: number;
  readonly host: string | undefined;
  readonly headerBytes: number;
  /** Looked up for each request: a listener is open before the node behind it is ready. */
  readonly handlers: () => Handlers | undefined;
  /** Whether a new connection is turned away at once, with 503 where that takes no handshake; asked for each. */
  readonly isFull: () => boolean;
  /** HTTPS and WSS, and nothing else, with this certificate. */
  readonly tls?: TlsPair | undefined;
  /** Other processes of this user may listen there too: the kernel spreads the connections over them. Linux. */
  readonly reusePort?: boolean;
}

/** Connections that may wait to be accepted, capped by net.core.somaxconn. Node's 511 makes a mass reconnect retransmit. */
const backlog = 4096;

const outOfTurn = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
const unavailable =
  'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** Milliseconds from the connection to the end of the TLS handshake. */
const handshakeTimeout = 5000;

/** An HTTP server that listens. Throws `StartError` that says what to do where it cannot. */
export async function listen(options: ListenOptions): Promise<Server> {
  const server = createHttpServer(options.headerBytes, options.handlers, options.tls);
  const { port, host, reusePort = false } = options;
  server.on('connection', (socket) => {
    if (options.isFull()) turnAway(socket, options.tls !== undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, port, host)));
    server.listen({ port, backlog, reusePort, ...(host !== undefined && { host }) }, resolve);
  });
  return server;
}

/** Answered at once, unheard and without waiting for anything: its descriptor is free before the next one is accepted. */
function turnAway(socket: Socket, isTls: boolean): void {
  // An answer would need a handshake first.
  if (isTls) socket.destroy();
  else endSocket(socket, unavailable);
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** The address it is bound to; `::` and `0.0.0.0` are all. */
export function hostOf(server: Server): string {
  return (server.address() as AddressInfo).address;
}

/** Connections that are made from now on get this certificate. Of no effect on a server without TLS. */
export function changeCertificate(server: Server, pair: TlsPair): void {
  if (server instanceof TlsServer) server.setSecureContext(secureOptions(pair));
}

export function createHttpServer(headerBytes: number, handlers: () => Handlers | undefined, tls?: TlsPair): Server {
  const options = {
    maxHeaderSize: headerBytes,
    headersTimeout: 4000,
    requestTimeout: 30_000,
    connectionsCheckingInterval: 1000,
    // Above the idle time of common balancers, so that they close first and never meet a closing connection.
    keepAliveTimeout: 75_000,
    noDelay: true,
    // What a socket holds cannot be dropped or conflated any more: no more of it than one write needs.
    highWaterMark: 16 * 1024,
    // An Upgrade to anything else, such as h2c from curl --http2, is a plain request, and so is one below /admin, which the gate there answers.
    shouldUpgradeCallback: ({ headers, url = '' }: IncomingMessage) =>
      headers.upgrade?.toLowerCase() === 'websocket' && !isBelowAdmin(url),
  };
  const server =
    tls === undefined
      ? createServer(options)
      : endHandshakesOnClose(createTlsServer({ ...options, ...secureOptions(tls), handshakeTimeout }));
  forgiveLateness(server, options);
  // Accepting may fail too, for want of descriptors: an error that nobody hears would be the end of the process.
  server.on('error', () => {});
  const { onRequest, hasUnanswered } = boundPipelining((request, response) => {
    const target = handlers();
    if (target !== undefined) return target.request(request, response);
    response.writeHead(503, { 'Retry-After': '1', Connection: 'close' }).end();
  });
  server.on('request', onRequest);
  // The doors ask for the body themselves, where they are going to read it.
  server.on('checkContinue', onRequest);
  server.on('upgrade', (request, socket, head) => {
    if (hasUnanswered(socket)) return endSocket(socket, outOfTurn);
    const target = handlers();
    if (target !== undefined) return target.upgrade(request, socket, head);
    endSocket(socket, unavailable);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // What else there is, a failed TLS handshake above all, leaves nobody who could read an answer.
    if (!/^(HPE|ERR_HTTP)_/.test(error.code ?? '') || !socket.writable) return void socket.destroy();
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : statusOf(error);
    endSocket(socket, `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  return server;
}

function secureOptions({ cert, key }: TlsPair) {
  return { cert, key, minVersion: 'TLSv1.2' } as const;
}

function statusOf(error: NodeJS.ErrnoException): string {
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
}

function cannotListen(error: NodeJS.ErrnoException, port: number, host: string | undefined): StartError {
  const where = host === undefined ? `port ${port}` : `${host}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return portInUse(port, host);
    case 'EACCES':
      return new StartError(`this user may not listen on ${where}: ports below 1024 need a privilege`, {
        hint: [
          'three ways out:',
          `  1. serve a higher port:           yunque serve 7001`,
          `  2. give the program the right:    sudo setcap cap_net_bind_service=+ep ${JSON.stringify(process.execPath)}`,
          `  3. lower the limit of the system: sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}`,
        ].join('\n'),
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return notOurAddress(host ?? 'this address');
    default:
      return new StartError(`cannot listen on ${where}: ${error.message}`, { cause: error });
  }
}

/** Somebody else listens there. */
export function portInUse(port: number, host: string | undefined): StartError {
  const where = host === undefined ? `port ${port}` : `${host}:${port}`;
  return new StartError(`${where} is in use by another program`, {
    hint: `stop it (ss -ltnp 'sport = :${port}' names it), or serve another port: yunque serve ${port < 1024 || port === 65535 ? 7001 : port + 1}`,
  });
}

/** A host that nothing can listen on. */
export function notOurAddress(host: string, at?: SettingPlace): StartError {
  return new StartError(`${host} is not an address of this machine`, {
    hint: 'set host to one of its addresses, or leave it out to listen on all',
    exitCode: 78,
    ...(at && { at }),
  });
}
