import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../api/errors.ts';
import { createRate, type Rate, take } from '../util/rate.ts';
import type { TimingWheel, WheelItem } from '../util/timing-wheel.ts';
import { FrameMeter } from './frame-meter.ts';

export interface InboundLimits {
  /** Frames a second in the long run; 0: any number. */
  readonly frameRate: number;
  readonly frameBurst: number;
  /** From the first byte of a message, or of any frame, to its last. */
  readonly assemblyMs: number;
  /** Held for unfinished messages of all connections together. */
  readonly unfinishedBytes: number;
}

interface Guarded {
  readonly isOpen: boolean;
  close(error: ErrorCode, reason: string): void;
}

interface Watched {
  readonly connection: Guarded;
  /** Only in the middle of a frame or a message. */
  meter: FrameMeter | undefined;
  /** When its frames are all paid for; see `Rate`. */
  paidAt: number;
  /** The tick in which what is unfinished began. */
  sinceTick: number;
  heldBytes: number;
}

/** On the socket of a connection. */
const watchedOf = Symbol('watchedOf');

interface WatchedSocket extends Duplex {
  [watchedOf]?: Watched;
}

/** What a piece of a message costs besides its bytes. */
const pieceBytes = 256;

/**
 * Watches what clients send before it is read: too many frames, a message that never ends, and the memory of all messages that
 * have not ended. What a message may take is counted in ticks that were really taken, so that nobody is closed for a pause of ours, and how
 * often one may send in real time, which is never less. Those who are unfinished stand in the order in which they began: all together are one
 * item on the wheel, and only while there are any.
 */
export class InboundGuard implements WheelItem {
  dueTick = -1;
  readonly #limits: InboundLimits;
  readonly #rate: Rate | undefined;
  /** Oldest first. */
  readonly #unfinished = new Set<Watched>();
  /** For those who are in the middle of nothing, which is nearly always everybody. */
  #spare = new FrameMeter();
  /** Listeners of every socket. */
  readonly #onSocketData: (this: WatchedSocket, chunk: Buffer) => void;
  readonly #onSocketClose: (this: WatchedSocket) => void;
  readonly #wheel: TimingWheel;
  readonly #now: () => number;
  #heldBytes = 0;

  /** `now`: milliseconds of a clock that never jumps. */
  constructor(limits: InboundLimits, wheel: TimingWheel, now: () => number = () => Math.trunc(performance.now())) {
    this.#limits = limits;
    this.#wheel = wheel;
    this.#now = now;
    if (limits.frameRate > 0) this.#rate = createRate({ perSecond: limits.frameRate, burst: limits.frameBurst });
    const guard = this;
    this.#onSocketData = function (chunk) {
      if (this[watchedOf] !== undefined) guard.#onData(this[watchedOf], chunk);
    };
    this.#onSocketClose = function () {
      if (this[watchedOf] !== undefined) guard.#settle(this[watchedOf]);
    };
  }

  /** Connections in the middle of a message. */
  get unfinished(): number {
    return this.#unfinished.size;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** To be called once for a connection, when ws has its listener on the socket and nothing has been read yet. */
  watch(socket: Duplex, connection: Guarded): void {
    (socket as WatchedSocket)[watchedOf] = { connection, meter: undefined, paidAt: 0, sinceTick: 0, heldBytes: 0 };
    // First, so that ws finds a connection closed that may send no more.
    socket.prependListener('data', this.#onSocketData);
    socket.on('close', this.#onSocketClose);
  }

  onDue(): void {
    if (this.#unfinished.size === 0) return;
    this.#wheel.schedule(this, 1);
    const allowed = this.#wheel.toTicks(this.#limits.assemblyMs);
    for (const watched of this.#unfinished) {
      if (this.#wheel.now - watched.sinceTick < allowed) return;
      this.#settle(watched);
      const seconds = this.#limits.assemblyMs / 1000;
      watched.connection.close('stale', `a message was not finished within ${seconds} s (limits.assembly)`);
    }
  }

  #onData(watched: Watched, chunk: Buffer): void {
    const { connection } = watched;
    if (!connection.isOpen) return;
    const meter = watched.meter ?? this.#spare;
    const { frames, settledAt } = meter.read(chunk);
    if (!meter.isUnfinished) watched.meter = undefined;
    else if (watched.meter === undefined) {
      watched.meter = meter;
      this.#spare = new FrameMeter();
    }
    if (!this.#mayStillSend(watched, frames)) {
      this.#settle(watched);
      const { frameRate } = this.#limits;
      connection.close('too_many_requests', `more than ${frameRate} frames a second (limits.frameRate)`);
      return;
    }
    if (settledAt > 0) this.#settle(watched);
    if (meter.isUnfinished) this.#hold(watched, chunk.length - settledAt);
  }

  #mayStillSend(watched: Watched, frames: number): boolean {
    if (this.#rate === undefined || frames === 0) return true;
    const paidAt = take(this.#rate, watched.paidAt, this.#now(), frames);
    if (paidAt === undefined) return false;
    watched.paidAt = paidAt;
    return true;
  }

  #hold(watched: Watched, bytes: number): void {
    if (!this.#unfinished.has(watched)) {
      watched.sinceTick = this.#wheel.now;
      this.#unfinished.add(watched);
      if (this.dueTick < 0) this.#wheel.schedule(this, 1);
    }
    watched.heldBytes += bytes + pieceBytes;
    this.#heldBytes += bytes + pieceBytes;
    for (const oldest of this.#unfinished) {
      if (this.#heldBytes <= this.#limits.unfinishedBytes) return;
      this.#settle(oldest);
      oldest.connection.close('unavailable', 'too many unfinished messages here (limits.unfinished)');
    }
  }

  #settle(watched: Watched): void {
    if (!this.#unfinished.delete(watched)) return;
    this.#heldBytes -= watched.heldBytes;
    watched.heldBytes = 0;
  }
}
