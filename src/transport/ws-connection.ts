import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Dialect } from '../api/dialect.ts';
import { type ErrorCode, errorTable } from '../api/errors.ts';
import type { Connection, Identity, WriteOutcome } from '../registry/connection.ts';
import type { Group, Membership } from '../registry/system-index.ts';
import type { Heartbeats, Watched } from './heartbeats.ts';
import type { TurnFlush } from './turn-flush.ts';

/** What all connections of a node share. */
export interface TransportContext {
  readonly flush: TurnFlush;
  readonly heartbeats: Heartbeats;
  /** A connection whose unsent bytes would grow beyond this is closed as a slow consumer; one message alone may be larger. */
  readonly maxOutboxBytes: number;
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
 * frames (pong, close) in one piece, so the two never mix. Everything written in one turn leaves in one `writev`.
 */
export class WsConnection implements Connection, Watched {
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
  /** Ticks of the heartbeat wheel. */
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
  #corked = false;

  constructor(options: WsConnectionOptions) {
    this.cid = options.cid;
    this.system = options.system;
    this.dialect = options.dialect;
    this.remoteAddress = options.remoteAddress;
    this.#context = options.context;
    this.#ws = options.ws;
    this.#socket = options.socket;
  }

  get queueBytes(): number {
    return this.#socket.writableLength;
  }

  get idleMs(): number {
    return this.#context.heartbeats.msSince(this.lastInboundTick);
  }

  get isOpen(): boolean {
    return this.closedBy === undefined && this.#ws.readyState === 1 && !this.#socket.destroyed;
  }

  write(frame: Buffer): WriteOutcome {
    if (!this.isOpen) {
      this.dropped += 1;
      return 'dropped';
    }
    if (!this.#hasRoomFor(frame)) {
      this.dropped += 1;
      this.close('slow_consumer');
      return 'dropped';
    }
    this.#send(frame);
    this.delivered += 1;
    return this.#socket.writableNeedDrain ? 'queued' : 'sent';
  }

  /** A reader that keeps up gets a message of any size: the bound is on what waits in front of it. */
  #hasRoomFor(frame: Buffer): boolean {
    const allowed = this.#context.maxOutboxBytes - frame.length;
    if (this.#socket.writableLength <= allowed) return true;
    // Most of it may be this turn's, held back for one write and never offered to the kernel.
    this.flush();
    const waiting = this.#socket.writableLength;
    return waiting === 0 || waiting <= allowed;
  }

  /** Writes a frame that is no message: a reply, a heartbeat. Who asks on and on and reads no answer is slow as well. */
  writeControl(frame: Buffer): void {
    if (!this.isOpen) return;
    if (this.#hasRoomFor(frame)) this.#send(frame);
    else this.close('slow_consumer');
  }

  close(error: ErrorCode, reason?: string): void {
    if (this.closedBy !== undefined) return;
    this.closedBy = error;
    const { close, message } = errorTable[error];
    this.flush();
    const told = cutToBytes(reason ?? message, 123);
    this.#ws.close(close, told);
    // A peer that answers nothing will not answer the close frame either.
    if (error === 'no_pong') this.#ws.terminate();
    queueMicrotask(() => this.#context.onClosed(this, close, told));
  }

  /** What has been read is still heard. */
  pauseReading(): void {
    this.#ws.pause();
  }

  resumeReading(): void {
    this.#ws.resume();
  }

  flush(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }

  #send(frame: Buffer): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      this.#context.flush.add(this);
    }
    this.#socket.write(frame);
  }
}

/** A close reason has at most 123 bytes (RFC 6455 section 5.5); cut at a character. */
function cutToBytes(text: string, max: number): string {
  let cut = text.slice(0, max);
  while (Buffer.byteLength(cut) > max) cut = cut.slice(0, -1);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
