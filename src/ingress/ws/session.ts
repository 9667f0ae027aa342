import type { Access, PeerTrust, Refused } from '../../access/access.ts';
import type { TokenUser } from '../../access/tokens/tokens.ts';
import type { ErrorCode } from '../../api/errors.ts';
import type { Answer, UplinkRequest } from '../../egress/uplink/request.ts';
import type { Sessions } from '../../routing/sessions.ts';
import type { Counters } from '../../telemetry/counters.ts';
import type { Expiries } from '../../transport/expiries.ts';
import type { Heartbeats } from '../../transport/heartbeats.ts';
import type { WsConnection } from '../../transport/ws-connection.ts';
import { type Awaitable, after } from '../../util/awaitable.ts';
import { type ClientFrame, type Codec, DecodeError, type Reply, type ReplyData } from '../../wire/codec.ts';
import { frame, opcodes } from '../../wire/frame.ts';
import { helloPayload } from '../../wire/json-greetings.ts';
import { readBindRequest } from './bind-request.ts';
import type { Query } from './query.ts';

/** What all sessions share. */
export interface SessionContext {
  readonly sessions: Sessions;
  readonly counters: Counters;
  readonly heartbeats: Heartbeats;
  /** Ends connections whose token does. */
  readonly expiries: Expiries<WsConnection>;
  readonly judgeBind: Access['judgeBind'];
  readonly nodeId: string;
  readonly idBytes: number;
  readonly clientIdOf: (connection: WsConnection) => string;
  /** Where requests go; absent: nowhere. Never rejects. */
  readonly uplink?: { ask(request: UplinkRequest): Awaitable<Answer> } | undefined;
  readonly onBindRefused: (connection: WsConnection, error: ErrorCode, message: string, detail?: string) => void;
}

type Request = Extract<ClientFrame, { type: 'request' }>;
type Phase = 'unbound' | 'binding' | 'open';

const bindKey = 'client_bind';
const noData: ReadonlyMap<string, string> = new Map();

/** What a bind is refused with. */
export interface BindRefusal {
  readonly code: ErrorCode;
  readonly message: string;
  /** For the operator only. */
  readonly detail?: string | undefined;
}

/** One client's side of the protocol: first frame, bind, heartbeat answers, requests. */
export class Session {
  readonly connection: WsConnection;
  readonly #context: SessionContext;
  readonly #codec: Codec;
  /** Whether this peer may say who it is, as it was judged when it connected. */
  readonly #trust: PeerTrust;
  #phase: Phase = 'unbound';
  #binding: Promise<unknown> | undefined;

  constructor(context: SessionContext, connection: WsConnection, codec: Codec, trust: PeerTrust) {
    this.#context = context;
    this.connection = connection;
    this.#codec = codec;
    this.#trust = trust;
  }

  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  /** `json` is open at once and hears its clientId; the others have to bind. */
  start(): void {
    const { heartbeats, sessions } = this.#context;
    if (this.#codec.dialect !== 'json') {
      heartbeats.expectBind(this.connection);
      return;
    }
    this.#open();
    sessions.open(this.connection);
    this.#greet();
  }

  /** Binds the user that the token in the URL named; `said` is what the URL says of the device. Throws what `sessions.bind` throws. */
  startAs(user: TokenUser, said: Query): Awaitable<void> {
    const welcome = () => {
      if (this.#codec.dialect === 'json') this.#greet();
      else this.#replyBound();
    };
    const bound = this.#bind((field) => (field === 'uid' ? '' : (said.get(field) ?? '')), user, welcome);
    if (!(bound instanceof Promise)) return;
    if (this.#phase === 'binding') {
      this.#context.heartbeats.expectBind(this.connection);
      this.#binding = bound;
    }
    return bound;
  }

  /** Throws, or rejects, as `sessions.bind` does; never for anything a client sends. */
  onMessage(data: Buffer, isBinary: boolean): Awaitable<void> {
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

  #onRequest(request: Request): Awaitable<void> {
    return this.#phase === 'binding' ? this.#answerLater(request) : this.#answer(request);
  }

  /**
   * A client need not wait for the answer to its bind: what it sends right behind it is answered after it. One after the other: each
   * binds, or prolongs, before the next is looked at. Nothing more is read meanwhile: what is sent on waits with its sender.
   */
  async #answerLater(request: Request): Promise<void> {
    // A bind that has failed leaves no phase behind but the end of the connection.
    while (this.#phase === 'binding' && this.connection.isOpen) {
      this.connection.pauseReading();
      await this.#binding;
    }
    this.connection.resumeReading();
    await this.#answer(request);
  }

  #answer(request: Request): Awaitable<void> {
    if (!this.connection.isOpen) return;
    const { key, data } = request;
    const { uplink } = this.#context;
    if (key === bindKey && (this.#codec.dialect !== 'json' || data.get('token'))) return this.#onBind(data);
    if (this.#phase !== 'open') this.#reply(key, '401', 'bind first: SENT client_bind with a uid');
    else if (key === 'client_closed') this.#reply(key, '403', 'this key is internal');
    else if (uplink === undefined || key === bindKey) this.#reply(key, '404', 'no route takes this key');
    else {
      return after(uplink.ask({ ...request, from: this.connection }), ({ code, message, data: replied }) =>
        this.#reply(key, code, message, replied),
      );
    }
  }

  /** A second bind on a bound connection is ignored, as upstream does, unless it brings a new token. */
  #onBind(data: ReadonlyMap<string, string>): Awaitable<void> {
    const { connection } = this;
    const token = data.get('token') || undefined;
    const isBound = connection.identity !== undefined;
    if (isBound && token === undefined) return;
    const was = this.#phase;
    this.#phase = 'binding';
    const judged = this.#context.judgeBind(this.#trust, { system: connection.system, token });
    const bound = after(judged, (judgement): Awaitable<void> => {
      this.#phase = was;
      if (!connection.isOpen) return;
      if (!judgement.allowed) {
        const refusal = wordsOf(judgement);
        // Who is bound already stays until its token's end: that a new one cannot be checked now is not its fault.
        if (isBound && refusal.code === 'unavailable') this.#reply(bindKey, '503', refusal.message);
        else this.refuse(refusal);
        return;
      }
      const { user } = judgement;
      if (isBound && user !== undefined) return this.#prolong(user);
      return this.#bind(
        (field) => data.get(field) ?? '',
        user,
        () => this.#replyBound(),
      );
    });
    if (bound instanceof Promise && this.#phase === 'binding') this.#binding = bound;
    return bound;
  }

  #bind(get: (field: string) => string, user: TokenUser | undefined, welcome: () => void): Awaitable<void> {
    const { idBytes, sessions, expiries } = this.#context;
    const { connection } = this;
    const wanted = readBindRequest(get, { idBytes, user });
    if (typeof wanted === 'string') return this.refuse({ code: 'unauthorized', message: wanted });
    this.#phase = 'binding';
    return after(sessions.banOf(connection.system, wanted.uid), (ban) => {
      if (ban !== undefined) return this.refuse({ code: 'kicked', message: ban });
      const bound = sessions.bind(connection, wanted, () => {
        this.#open();
        if (user?.expiresAt !== undefined) expiries.schedule(connection, user.expiresAt);
        welcome();
      });
      if (bound instanceof Promise) return bound.then(() => {});
    });
  }

  #open(): void {
    this.#phase = 'open';
    this.#binding = undefined;
    this.#context.heartbeats.watch(this.connection);
  }

  /** The new token must be the same user's, and device's where it names one. */
  #prolong(user: TokenUser): void {
    const { connection } = this;
    const { uid, deviceId } = connection.identity ?? { uid: '', deviceId: '' };
    if (user.uid !== uid || (user.deviceId !== undefined && user.deviceId !== deviceId)) {
      this.refuse({ code: 'unauthorized', message: 'the token is another user’s, or another device’s' });
      return;
    }
    if (user.expiresAt === undefined) this.#context.expiries.forget(connection);
    else this.#context.expiries.schedule(connection, user.expiresAt);
    this.#replyBound();
  }

  /**
   * Ends the session the way clients of the seeds know not to come back from, REPLY client_handshake 401; without it where
   * they may come back as they are.
   */
  refuse({ code, message, detail }: BindRefusal): void {
    const error = code === 'forbidden' ? 'unauthorized' : code;
    if (error !== 'unavailable') this.#reply('client_handshake', '401', message);
    this.#context.onBindRefused(this.connection, error, message, detail);
    this.connection.close(error, error === 'unauthorized' ? 'bind refused' : message);
  }

  #greet(): void {
    this.#send(helloPayload(this.#context.clientIdOf(this.connection)));
  }

  #replyBound(): void {
    const { connection } = this;
    const place = new Map<string, string>();
    place.set('sid', this.#context.nodeId);
    place.set('cid', String(connection.cid));
    this.#reply(bindKey, '200', 'success', place);
  }

  #reply(key: string, code: string, message: string, data: ReplyData = noData): void {
    const reply: Reply = { key, code, message, timestamp: BigInt(Date.now()), data };
    this.#send(this.#codec.encodeReply(reply));
  }

  #send(payload: Buffer): void {
    this.connection.writeControl(frame(payload, this.#codec.binary ? opcodes.binary : opcodes.text));
  }
}

/** A refusal of access with what would allow it in the message. */
export function wordsOf({ code, message, hint, detail }: Refused): BindRefusal {
  return { code, message: `${message}; ${hint}`, detail };
}
