import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Dialect } from '../api/dialect.ts';
import { type ErrorCode, errorTable } from '../api/errors.ts';
import type { SlowRule } from '../api/message-class.ts';
import type { DropReason } from '../api/receipt.ts';
import type { Connection, Identity } from '../registry/connection.ts';
import type { Group, Membership } from '../registry/system-index.ts';
import { DeflatedSocket } from './deflated-socket.ts';
import type { Heartbeats, Watched } from './heartbeats.ts';
import { Outbox, type Outboxes, type OutboxOwner } from './outbox.ts';

/** What all connections of a node share. */
export interface TransportContext {
  readonly heartbeats: Heartbeats;
  readonly outboxes: Outboxes;
  /** A message that had been taken was dropped later. */
  readonly onDropped: (reason: DropReason) => void;
  /** It is about to be closed: the last moment to write to it. */
  readonly onClosing: (connection: WsConnection) => void;
  /** This side has closed: called once, in the same turn, after the code that closed it has finished. */
  readonly onClosed: (connection: WsConnection, code: number, reason: string) => void;
}

export interface WsConnectionOptions {
  readonly context: TransportContext;
  readonly ws: WebSocket;
  /** The socket `ws` was made from: frames are written to it between those that `ws` writes itself. */
  readonly socket: Duplex;
  readonly cid: number;
  readonly system: string;
  readonly dialect: Dialect;
  readonly remoteAddress: string;
}

/**
 * A `Connection` over ws. Frames come framed and go straight to the socket: without compression ws writes each of its own
 * frames (pong, close) in one piece, so the two never mix. With it, they go through ws.
 */
export class WsConnection implements Connection, Watched, OutboxOwner {
  readonly cid: number;
  readonly system: string;
  readonly dialect: Dialect;
  readonly remoteAddress: string;
  readonly connectedAt = Date.now();
  clientId: string | undefined = undefined;
  identity: Identity | undefined = undefined;
  groups: Map<Group, Membership> | undefined = undefined;
  delivered = 0;
  dropped = 0;
  /** Of the wheel, for its heartbeats. */
  dueTick = -1;
  lastInboundTick = 0;
  pingTick = -1;
  /** The end of its token; belongs to the expiries. */
  expiresIn: number | undefined = undefined;
  /** Its end has been told. */
  hasEnded = false;
  /** Why this side closed, once it has. */
  closedBy: ErrorCode | undefined = undefined;
  readonly #context: TransportContext;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #outbox: Outbox;

  constructor(options: WsConnectionOptions) {
    this.cid = options.cid;
    this.system = options.system;
    this.dialect = options.dialect;
    this.remoteAddress = options.remoteAddress;
    this.#context = options.context;
    this.#ws = options.ws;
    this.#socket = options.socket;
    const isPlain = options.ws.extensions === '';
    const written = isPlain ? options.socket : new DeflatedSocket(options.ws, options.socket);
    this.#outbox = new Outbox(written, options.socket as Socket, options.context.outboxes, this);
  }

  get queueBytes(): number {
    return this.#outbox.bytes;
  }

  get isBackedUp(): boolean {
    return this.#outbox.isBackedUp;
  }

  get idleMs(): number {
    return this.#context.heartbeats.msSince(this.lastInboundTick);
  }

  get isOpen(): boolean {
    return this.closedBy === undefined && this.#ws.readyState === 1;
  }

  get mayWrite(): boolean {
    return this.#ws.readyState === 1 && !this.#socket.destroyed;
  }

  write(frame: Buffer, slow?: SlowRule): DropReason | undefined {
    const reason = this.isOpen ? this.#put(frame, slow) : 'closing';
    if (reason === undefined) this.delivered += 1;
    else this.dropped += 1;
    return reason;
  }

  writeMany(frames: Buffer, count: number, mustArrive: boolean): boolean {
    if (!this.isOpen || !this.#outbox.putMany(frames, mustArrive)) return false;
    this.delivered += count;
    return true;
  }

  /** Writes a frame that is no message: a reply, a heartbeat. Who asks on and on and reads no answer is slow as well. */
  writeControl(frame: Buffer): void {
    if (this.isOpen) this.#put(frame, undefined);
  }

  close(error: ErrorCode, reason?: string): void {
    if (this.closedBy !== undefined) return;
    if (error !== 'slow_consumer') this.#context.onClosing(this);
    // What was written last may have closed it.
    if (this.closedBy !== undefined) return;
    this.closedBy = error;
    const { close, message } = errorTable[error];
    this.#outbox.letGo();
    const told = cutToBytes(reason ?? message, 123);
    this.#ws.close(close, told);
    // A peer that answers nothing will not answer the close frame either.
    if (error === 'no_pong') this.#ws.terminate();
    queueMicrotask(() => this.#context.onClosed(this, close, told));
  }

  /** The socket is closed, or about to be: nothing that waits will be sent. */
  forgetQueue(): void {
    if (!this.mayWrite) this.#outbox.forget();
  }

  /** What has been read is still heard. */
  pauseReading(): void {
    this.#ws.pause();
  }

  resumeReading(): void {
    this.#ws.resume();
  }

  flush(): void {
    this.#outbox.flush();
  }

  onDue(): void {
    this.#context.heartbeats.check(this);
  }

  onFault(): void {
    this.close('internal');
  }

  onTooSlow(): void {
    this.close('slow_consumer', 'what waited for this client was not read in time');
  }

  onDropped(reason: DropReason): void {
    this.dropped += 1;
    this.#context.onDropped(reason);
  }

  #put(frame: Buffer, slow: SlowRule | undefined): DropReason | undefined {
    const reason = this.#outbox.put(frame, slow);
    if (reason === 'slow_consumer') this.close('slow_consumer');
    return reason;
  }
}

/** A close reason has at most 123 bytes (RFC 6455 section 5.5); cut at a character. */
function cutToBytes(text: string, max: number): string {
  let cut = text.slice(0, max);
  while (Buffer.byteLength(cut) > max) cut = cut.slice(0, -1);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
