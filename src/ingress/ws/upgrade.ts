import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Access, ConnectJudgement, ConnectRequest } from '../../access/access.ts';
import type { TokenUser } from '../../access/tokens/tokens.ts';
import { type Dialect, dialects } from '../../api/dialect.ts';
import { type ErrorCode, errorTable } from '../../api/errors.ts';
import { defaultSystem, probeSystem } from '../../api/system.ts';
import type { InboundGuard } from '../../transport/inbound-guard.ts';
import { type TransportContext, WsConnection } from '../../transport/ws-connection.ts';
import { ClientSocket, type SocketDoor } from '../../transport/ws-socket.ts';
import { type Awaitable, after, whenDone } from '../../util/awaitable.ts';
import { endSocket } from '../../util/end-socket.ts';
import { frame, opcodes } from '../../wire/frame.ts';
import { refusalPayload } from '../../wire/json-greetings.ts';
import type { Codecs } from '../../wire/prepared-message.ts';
import type { Admission, Full } from './admission.ts';
import { OneWrite } from './one-write.ts';
import type { Query } from './query.ts';
import { Session, type SessionContext, wordsOf } from './session.ts';
import { upgradeTarget } from './upgrade-path.ts';

export interface WsIngressOptions {
  readonly access: Access;
  /** Whom a request comes from, for lists, events and logs. */
  readonly clientAddress: (request: IncomingMessage) => string;
  readonly codecs: Codecs;
  readonly transport: Omit<TransportContext, 'onClosed'>;
  readonly session: SessionContext;
  readonly systemExists: (system: string) => Awaitable<boolean>;
  /** `json` connections have to name their system. */
  readonly systemsRequired: boolean;
  readonly newCid: () => number;
  /** Of one message. */
  readonly maxPayloadBytes: (dialect: Dialect) => number;
  /** Of messages of so many bytes, for those who ask for it and are known; undefined: of none. */
  readonly compressFromBytes: number | undefined;
  readonly admission: Admission;
  readonly inbound: InboundGuard;
  readonly isDraining: () => boolean;
  /** The system the node's own probe belongs to, where this request is the probe's. */
  readonly probeSystemOf: (request: IncomingMessage) => string | undefined;
  readonly onRefused: (refusal: { error: ErrorCode; what: string; remoteAddress: string }) => void;
  readonly onError: (error: unknown, where: string) => void;
}

export interface WsIngress {
  /** Takes over an HTTP upgrade; `paths` says which dialect each path of this listener speaks. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, paths: Readonly<Record<string, Dialect>>): void;
  /** Not bound yet: connected, or waiting for the judgement of its token. */
  readonly pending: number;
  /** WebSockets that are not wholly closed, without the probe's; of those that were told to go, the ones that have not answered within 5 s are cut off. */
  readonly sockets: number;
  /** Refuses those that wait for a judgement, while the node drains. */
  refuseWaiting(): void;
  /** Closes those that have not bound, all or those of one system. */
  closePending(error: ErrorCode, system?: string): void;
  /** Resolves when the last socket is gone. */
  whenIdle(): Promise<void>;
}

/** A client at the door. */
interface Coming {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly remoteAddress: string;
  readonly dialect: Dialect;
  readonly query: Query;
  readonly subprotocol: string | undefined;
  /** It has named no system, and has to. */
  readonly mustName: boolean;
}

/** The door clients come through. */
export function createWsIngress(options: WsIngressOptions): WsIngress {
  const { access, session: shared } = options;
  const pending = new Set<WsConnection>();
  const waiting = new Set<AbortController>();
  const oneWrite = new OneWrite();
  let sockets = 0;
  let probes = 0;
  let onIdle: (() => void) | undefined;
  const chosen = new WeakMap<IncomingMessage, string>();
  // In ws since 8.19, not yet in its types.
  const closeTimeout = { closeTimeout: 5000 };
  const { compressFromBytes } = options;
  // Each message by itself: what a connection would keep between them is some 100 KB.
  const deflate = {
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    threshold: compressFromBytes ?? 0,
    zlibDeflateOptions: { level: 3, memLevel: 7 },
  };
  const createServer = (dialect: Dialect, perMessageDeflate: false | typeof deflate = false) =>
    new WebSocketServer({
      ...closeTimeout,
      noServer: true,
      clientTracking: false,
      perMessageDeflate,
      maxPayload: options.maxPayloadBytes(dialect),
      maxFragments: 64,
      maxBufferedChunks: 1024,
      WebSocket: ClientSocket<Session>,
      handleProtocols: (_offered, request) => chosen.get(request) ?? false,
    });
  const servers = Object.fromEntries(dialects.map((each) => [each, createServer(each)])) as Record<
    Dialect,
    ReturnType<typeof createServer>
  >;
  const deflating =
    compressFromBytes === undefined
      ? servers
      : (Object.fromEntries(dialects.map((each) => [each, createServer(each, deflate)])) as typeof servers);
  const transport: TransportContext = { ...options.transport, onClosed: end };

  /** Once for each connection, whichever side closed it. */
  function end(connection: WsConnection, code: number, reason: string): void {
    if (connection.hasEnded) return;
    connection.hasEnded = true;
    pending.delete(connection);
    transport.heartbeats.forget(connection);
    shared.expiries.forget(connection);
    whenDone(
      () => shared.sessions.close(connection, code, reason),
      () => {},
      (error) => options.onError(error, 'closing a connection'),
    );
    // Behind that: what still waits is said of its end.
    connection.forgetQueue();
  }

  const door: SocketDoor<Session> = {
    onMessage({ client: session }, data, isBinary) {
      if (session === undefined) return;
      whenDone(
        () => session.onMessage(data, isBinary),
        () => settle(session),
        (error) => fail(session, error, 'a client’s frame'),
      );
    },
    onSign({ client: session }) {
      if (session !== undefined) transport.heartbeats.touch(session.connection);
    },
    onClose({ client: session }, code, reason) {
      if (session !== undefined) end(session.connection, code, reason.toString());
      sockets -= 1;
      if (session?.connection.system === probeSystem) probes -= 1;
      if (sockets === 0) onIdle?.();
    },
  };

  /** Who is open waits for nothing any more. */
  function settle(session: Session): void {
    if (session.isOpen) pending.delete(session.connection);
  }

  function fail({ connection }: Session, error: unknown, where: string): void {
    options.onError(error, where);
    connection.close('internal');
  }

  /** Meanwhile the client is one that waits: where it is sent away, there is a judgement at once. */
  function judge(request: IncomingMessage, asked: Omit<ConnectRequest, 'signalOf'>): Awaitable<ConnectJudgement> {
    let wait: AbortController | undefined;
    const signalOf = () => {
      wait ??= new AbortController();
      waiting.add(wait);
      return wait.signal;
    };
    const judgement = access.judgeConnect(request, { ...asked, signalOf });
    if (!(judgement instanceof Promise)) return judgement;
    signalOf();
    return judgement.finally(() => wait && waiting.delete(wait));
  }

  function connect(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    paths: Readonly<Record<string, Dialect>>,
  ): Awaitable<void> {
    const remoteAddress = options.clientAddress(request);
    const target = upgradeTarget(request.url ?? '/', request.headers['sec-websocket-protocol'], paths);
    if (target === undefined) return refuse(socket, remoteAddress, 'not_found');
    const probe = options.probeSystemOf(request);
    if (probe === undefined && options.isDraining()) return refuse(socket, remoteAddress, 'going_away');
    const full = probe === undefined ? options.admission.admit(request, socket, remoteAddress) : undefined;
    if (full !== undefined) return refuse(socket, remoteAddress, full.error, full);
    const { dialect, query, subprotocol } = target;
    const system = query.get('systemId') || undefined;
    const token = query.get('token') || undefined;
    const isNameless = system === undefined && token === undefined;
    const mustName = isNameless && dialect === 'json' && options.systemsRequired;
    const coming = { request, socket, head, remoteAddress, dialect, query, subprotocol, mustName };
    if (probe !== undefined) return accept(coming, { allowed: true, system: probe, user: undefined }, probe, true);
    return after(judge(request, { system, token, bindsLater: dialect !== 'json' }), (judgement) => {
      // What a token lacks is said over the WebSocket: browsers never see the status of a refused upgrade.
      if (!judgement.allowed && judgement.code === 'forbidden') {
        const message = `${judgement.message}; ${judgement.hint}`;
        return refuse(socket, remoteAddress, 'forbidden', { message });
      }
      const named = judgement.allowed ? judgement.system : (system ?? defaultSystem);
      return after(options.systemExists(named), (isThere) => accept(coming, judgement, named, isThere));
    });
  }

  function refuse(
    socket: Duplex,
    remoteAddress: string,
    error: ErrorCode,
    { status, message, limit, retryAfterSeconds }: Partial<Full> = {},
  ): void {
    const what = limit === undefined ? 'upgrade' : `upgrade: ${limit}`;
    options.onRefused({ error, what, remoteAddress });
    const said = errorTable[error];
    refuseUpgrade(socket, status ?? said.status, message ?? said.message, retryAfterSeconds ?? 2);
  }

  function accept(coming: Coming, judgement: ConnectJudgement, system: string, isThere: boolean): void {
    const { request, socket, remoteAddress, dialect, query, subprotocol, mustName } = coming;
    if (socket.destroyed) return;
    // Asked again: whoever was waiting when draining began is on no list of those to be closed.
    if (system !== probeSystem && options.isDraining()) {
      refuse(socket, remoteAddress, 'going_away');
      return;
    }
    if (subprotocol !== undefined) chosen.set(request, subprotocol);
    const trust = access.trustOf(request);
    socket.removeListener('error', destroyOnError);
    oneWrite.hold(socket);
    // A stranger's frames are not inflated.
    const isKnown = judgement.allowed && (judgement.user !== undefined || dialect === 'json');
    (isKnown ? deflating : servers)[dialect].handleUpgrade(request, socket, coming.head, (ws) => {
      ws.door = door;
      sockets += 1;
      if (mustName || !isThere) return refuseSystem(ws, dialect, mustName, remoteAddress);
      const cid = options.newCid();
      const connection = new WsConnection({ context: transport, ws, socket, cid, system, dialect, remoteAddress });
      options.inbound.watch(socket, connection);
      const session = new Session(shared, connection, options.codecs[dialect], trust);
      ws.client = session;
      if (system === probeSystem) probes += 1;
      if (!judgement.allowed) session.refuse(wordsOf(judgement));
      else begin(session, judgement.user, query);
    });
  }

  function begin(session: Session, user: TokenUser | undefined, query: Query): void {
    const { connection } = session;
    if (user === undefined) {
      session.start();
      if (!session.isOpen) pending.add(connection);
      return;
    }
    pending.add(connection);
    whenDone(
      () => session.startAs(user, query),
      () => settle(session),
      (error) => fail(session, error, 'a login'),
    );
  }

  function refuseSystem(ws: ClientSocket<Session>, dialect: Dialect, mustName: boolean, remoteAddress: string): void {
    const error = mustName ? 'system_required' : 'unknown_system';
    options.onRefused({ error, what: 'connect', remoteAddress });
    if (dialect === 'json') {
      ws.send(refusalPayload(mustName ? '系统ID不能为空' : '系统ID不正确').toString());
    } else {
      const codec = options.codecs[dialect];
      const message = '系统ID不正确';
      const reply = { key: 'client_handshake', code: '401', message, timestamp: BigInt(Date.now()), data: new Map() };
      ws.send(codec.encodeReply(reply), { binary: codec.binary });
    }
    ws.close(errorTable[error].close, errorTable[error].message);
  }

  return {
    upgrade: (request, socket, head, paths) => {
      socket.on('error', destroyOnError);
      whenDone(
        () => connect(request, socket, head, paths),
        () => {},
        (error) => {
          options.onError(error, 'an upgrade');
          socket.destroy();
        },
      );
    },
    get pending() {
      return pending.size + waiting.size;
    },
    refuseWaiting: () => {
      for (const wait of waiting) wait.abort();
    },
    get sockets() {
      return sockets - probes;
    },
    closePending: (error, system) => {
      for (const connection of pending) {
        if (system === undefined || connection.system === system) connection.close(error);
      }
    },
    whenIdle: () =>
      new Promise((resolve) => {
        onIdle = resolve;
        if (sockets === 0) resolve();
      }),
  };
}

function destroyOnError(this: Duplex): void {
  this.destroy();
}

/** The heartbeat frame of each dialect: the codec's own, or an empty ping frame. */
export function heartbeatFrames(codecs: Codecs): Readonly<Record<Dialect, Buffer>> {
  const entries = Object.values(codecs).map(({ dialect, ping, binary }) => {
    if (ping === undefined) return [dialect, frame(Buffer.alloc(0), opcodes.ping)];
    return [dialect, frame(ping, binary ? opcodes.binary : opcodes.text)];
  });
  return Object.fromEntries(entries) as Record<Dialect, Buffer>;
}

function refuseUpgrade(socket: Duplex, status: number, message: string, retryAfterSeconds: number): void {
  const body = `${JSON.stringify({ code: status, message })}\n`;
  const retry = status === 503 || status === 429 ? `Retry-After: ${retryAfterSeconds}\r\n` : '';
  endSocket(
    socket,
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/json; charset=utf-8\r\n${retry}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
