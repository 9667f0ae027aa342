import type { Judgement } from '../../access/access.ts';
import { defaultSystem } from '../../api/system.ts';
import type { Sessions } from '../../routing/sessions.ts';
import type { Counters } from '../../telemetry/counters.ts';
import type { Heartbeats } from '../../transport/heartbeats.ts';
import type { WsConnection } from '../../transport/ws-connection.ts';
import { type ClientFrame, type Codec, DecodeError, type Reply } from '../../wire/codec.ts';
import { frame, opcodes } from '../../wire/frame.ts';
import { helloPayload } from '../../wire/json-greetings.ts';
import { readBindRequest } from './bind-request.ts';

/** What all sessions share. */
export interface SessionContext {
  readonly sessions: Sessions;
  readonly counters: Counters;
  readonly heartbeats: Heartbeats;
  readonly nodeId: string;
  readonly idBytes: number;
  readonly clientIdOf: (connection: WsConnection) => string;
  readonly onBindRefused: (connection: WsConnection, message: string) => void;
}

type Request = Extract<ClientFrame, { type: 'request' }>;
type Phase = 'unbound' | 'binding' | 'open';

const bindKey = 'client_bind';
const noData: ReadonlyMap<string, string> = new Map();

/** One client's side of the protocol: first frame, bind, heartbeat answers, requests. */
export class Session {
  readonly connection: WsConnection;
  readonly #context: SessionContext;
  readonly #codec: Codec;
  /** Whether this peer may bind to a user, as it was judged when it connected. */
  readonly #bind: Judgement;
  #phase: Phase = 'unbound';
  #binding: Promise<unknown> | undefined;

  constructor(context: SessionContext, connection: WsConnection, codec: Codec, bind: Judgement) {
    this.#context = context;
    this.connection = connection;
    this.#codec = codec;
    this.#bind = bind;
  }

  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  /** `json` is open at once and hears its clientId; the others have to bind. */
  start(): void {
    const { heartbeats, sessions, clientIdOf } = this.#context;
    if (this.#codec.dialect !== 'json') {
      heartbeats.expectBind(this.connection);
      return;
    }
    this.#phase = 'open';
    heartbeats.watch(this.connection);
    sessions.open(this.connection);
    this.#send(helloPayload(clientIdOf(this.connection)));
  }

  /** Throws what `sessions.bind` throws; never for anything a client sends. */
  async onMessage(data: Buffer, isBinary: boolean): Promise<void> {
    // ws goes on reading until the peer has closed too; nothing it says counts any more.
    if (!this.connection.isOpen) return;
    this.#context.heartbeats.touch(this.connection);
    const decoded = this.#decode(data, isBinary);
    switch (decoded?.type) {
      case 'request':
        return this.#onRequest(decoded);
      case 'ping':
        if (this.#codec.pong !== undefined) this.#send(this.#codec.pong);
        return;
      case 'ignored':
        this.#context.counters.ignoredFrames += 1;
        return;
      case 'pong':
      case undefined:
        return;
      default:
        decoded satisfies never;
    }
  }

  /** Undefined after a frame that is not of the dialect: the connection is closing then. */
  #decode(data: Buffer, isBinary: boolean): ClientFrame | undefined {
    try {
      return this.#codec.decode(data, isBinary);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.connection.close('bad_request', error.message);
      return undefined;
    }
  }

  async #onRequest(request: Request): Promise<void> {
    // A client need not wait for the answer to its bind: what it sends right behind it is answered after it.
    if (this.#phase === 'binding') await this.#binding;
    if (request.key === bindKey && this.#codec.dialect !== 'json') return this.#onBind(request);
    if (this.#phase !== 'open') this.#reply(request.key, '401', 'bind first: SENT client_bind with a uid');
    else if (request.key === 'client_closed') this.#reply(request.key, '403', 'this key is internal');
    else this.#reply(request.key, '404', 'no route takes this key');
  }

  async #onBind(request: Request): Promise<void> {
    // A second bind on a bound connection is ignored, as upstream does.
    if (this.#phase !== 'unbound') return;
    if (!this.#bind.allowed) return this.refuse(`${this.#bind.message}; ${this.#bind.hint}`);
    if (request.data.get('token')) return this.refuse('no token source is configured here');
    const wanted = readBindRequest(request.data, this.#context.idBytes);
    if (typeof wanted === 'string') return this.refuse(wanted);
    this.#phase = 'binding';
    const { connection } = this;
    const place = new Map([
      ['sid', this.#context.nodeId],
      ['cid', String(connection.cid)],
    ]);
    this.#binding = this.#context.sessions.bind(connection, wanted, () => {
      this.#phase = 'open';
      this.#context.heartbeats.watch(connection);
      this.#reply(bindKey, '200', 'success', place);
    });
    await this.#binding;
  }

  /** Ends the session the way clients of the seeds know not to come back from: REPLY client_handshake 401. */
  refuse(message: string): void {
    this.#reply('client_handshake', '401', message);
    this.#context.onBindRefused(this.connection, message);
    this.connection.close('unauthorized', 'bind refused');
  }

  #reply(key: string, code: string, message: string, data = noData): void {
    const reply: Reply = { key, code, message, timestamp: BigInt(Date.now()), data };
    this.#send(this.#codec.encodeReply(reply));
  }

  #send(payload: Buffer): void {
    this.connection.writeControl(frame(payload, this.#codec.binary ? opcodes.binary : opcodes.text));
  }
}

/** The system a connection asks for; `undefined` where it must name one and does not. */
export function requestedSystem(query: URLSearchParams, isRequired: boolean): string | undefined {
  const named = query.get('systemId');
  if (named !== null && named !== '') return named;
  return isRequired ? undefined : defaultSystem;
}
