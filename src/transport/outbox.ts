import type { SlowRule } from '../api/message-class.ts';
import type { DropReason } from '../api/receipt.ts';
import type { EndOfTurn } from '../registry/end-of-turn.ts';
import type { TimingWheel, WheelItem } from '../util/timing-wheel.ts';
import { Backlog } from './backlog.ts';

export interface OutboxLimits {
  /** Most bytes that wait for a connection; one message alone may be larger. */
  readonly maxBytes: number;
  /** How long something may wait, in milliseconds. */
  readonly maxAgeMs: number;
}

/** What of a `Writable` an outbox writes to. */
export interface OutboxSocket {
  readonly writableLength: number;
  readonly writableNeedDrain: boolean;
  write(frames: Buffer): unknown;
  cork(): void;
  uncork(): void;
  once(event: 'drain', listener: () => void): unknown;
}

/** The TCP or TLS socket below: what it has been given in all, and what of it the kernel has not taken. */
export interface Wire {
  readonly bytesWritten: number;
  readonly writableLength: number;
}

/** Whose outbox it is. */
export interface OutboxOwner {
  /** Neither side has begun to close: nothing may follow a close frame (RFC 6455 section 5.5.1). */
  readonly mayWrite: boolean;
  /** What waits has waited too long: the connection has to end. */
  onTooSlow(): void;
  /** Looking after what waits has failed: the connection has to end. */
  onFault(): void;
  /** Something that had been taken was dropped. */
  onDropped(reason: DropReason): void;
}

/** Above this, frames are handed to the kernel one by one instead of being copied into one piece. */
const copiedBytes = 64 * 1024;
/** What a socket that was empty is given of a backlog: the rest can still be dropped. */
const drainedBytes = 32 * 1024;

/** What the outboxes of a node share. Ages are counted in ticks that were really taken: nobody is closed for a pause of ours. */
export class Outboxes {
  readonly turn: EndOfTurn;
  readonly limits: OutboxLimits;
  readonly wheel: TimingWheel;

  constructor(turn: EndOfTurn, limits: OutboxLimits, wheel: TimingWheel) {
    this.turn = turn;
    this.limits = limits;
    this.wheel = wheel;
  }
}

/**
 * What is written to one socket. Everything written in one turn of the event loop leaves at its end in one write. Once the kernel takes no more, what
 * comes waits here, and meets the rule of its class; what had been handed to the socket before cannot be taken back.
 */
export class Outbox implements WheelItem {
  dueTick = -1;
  readonly #socket: OutboxSocket;
  readonly #wire: Wire;
  readonly #shared: Outboxes;
  readonly #owner: OutboxOwner;
  /** The socket holds back what was written to it in this turn, in order with what ws writes by itself. */
  #isCorked = false;
  /** All of this turn, where it came in one piece. */
  #held: Buffer | undefined = undefined;
  /** Bytes the kernel had no room for when it was last offered some. */
  #left = 0;
  /** Of what the socket was given since it was last empty, something has to arrive. */
  #mustArrive = false;
  /** How many bytes the wire had been given when some of them were first left; those are looked after. */
  #lookedAfter = 0;
  /** While the socket holds more than it likes to. */
  #backlog: Backlog | undefined = undefined;

  constructor(socket: OutboxSocket, wire: Wire, shared: Outboxes, owner: OutboxOwner) {
    this.#socket = socket;
    this.#wire = wire;
    this.#shared = shared;
    this.#owner = owner;
  }

  /** Bytes that wait in this process. */
  get bytes(): number {
    return this.#socket.writableLength + (this.#held?.length ?? 0) + (this.#backlog?.bytes ?? 0);
  }

  get isBackedUp(): boolean {
    if (this.#backlog !== undefined) return true;
    // What was left may have gone meanwhile; what is corked has not been offered yet.
    if (this.#left > 0 && !this.#isCorked) this.#left = this.#socket.writableLength;
    return this.#left > 0;
  }

  /** Takes one frame, to leave at the end of the turn. Undefined when it was taken. */
  put(frame: Buffer, slow: SlowRule | undefined): DropReason | undefined {
    if (this.#backlog === undefined && !this.#hasRoomFor(frame.length) && this.#backlog === undefined) {
      if (slow === undefined) return 'slow_consumer';
      this.#beginBacklog();
    }
    // What may be dropped does not go where it cannot be, once something is left there.
    if (slow !== undefined && this.#backlog === undefined && this.isBackedUp) this.#beginBacklog();
    const backlog = this.#backlog;
    if (backlog !== undefined) return backlog.add(frame, slow, this.#socket.writableLength, this.#shared.wheel.nowMs);
    if (slow === undefined) this.#mustArrive = true;
    if (!this.#isCorked) {
      this.#cork();
      this.#shared.turn.add(this);
    }
    this.#socket.write(frame);
    return undefined;
  }

  /** Takes several frames in one piece, to leave when `flush` is called; false where something waits in front of them. */
  putMany(frames: Buffer, mustArrive: boolean): boolean {
    if (this.#backlog !== undefined || !this.#hasRoomFor(frames.length)) return false;
    if (mustArrive) this.#mustArrive = true;
    else if (this.isBackedUp) return false;
    if (this.#isCorked) this.#socket.write(frames);
    else if (this.#held === undefined) this.#held = frames;
    else {
      this.#cork();
      this.#socket.write(frames);
    }
    return true;
  }

  flush(): void {
    const socket = this.#socket;
    const held = this.#held;
    if (this.#isCorked) {
      this.#isCorked = false;
      socket.uncork();
    } else if (held !== undefined) {
      this.#held = undefined;
      socket.write(held);
    } else return;
    this.#left = socket.writableLength;
    if (this.#left === 0) this.#mustArrive = false;
    else if (socket.writableNeedDrain) this.#beginBacklog();
    else this.#lookAfter();
  }

  /** Hands everything to the socket: the connection is about to be closed. */
  letGo(): void {
    this.flush();
    const backlog = this.#backlog;
    if (backlog === undefined) return;
    const { bytes } = backlog;
    if (this.#owner.mayWrite) this.#writeAll(backlog.take(Number.POSITIVE_INFINITY, 0), bytes);
    this.forget();
  }

  /** Nothing will be written any more. */
  forget(): void {
    this.#backlog = undefined;
    this.#shared.wheel.cancel(this);
  }

  /** Looks for what has waited too long. */
  onDue(): void {
    const backlog = this.#backlog;
    const { wheel } = this.#shared;
    if (!this.#owner.mayWrite) this.forget();
    else if (backlog === undefined) this.#judgeLeft();
    else if (this.#socket.writableLength === 0) this.#drain();
    else {
      const next = backlog.expire(wheel.nowMs);
      if (next === 'too slow') this.#owner.onTooSlow();
      else wheel.schedule(this, this.#socket.writableNeedDrain ? wheel.toTicks(next) : 1);
    }
  }

  onFault(): void {
    this.#owner.onFault();
  }

  /** Little is left, and nothing says when it will have gone: it is looked for when it would be too old. */
  #lookAfter(): void {
    if (this.dueTick >= 0) return;
    this.#lookedAfter = this.#wire.bytesWritten;
    this.#shared.wheel.schedule(this, this.#shared.wheel.toTicks(this.#shared.limits.maxAgeMs));
  }

  #judgeLeft(): void {
    this.#left = this.#socket.writableLength;
    if (this.#left === 0) {
      this.#mustArrive = false;
      return;
    }
    const hasGone = this.#wire.bytesWritten - this.#wire.writableLength >= this.#lookedAfter;
    if (hasGone || !this.#mustArrive) this.#lookAfter();
    else this.#owner.onTooSlow();
  }

  #cork(): void {
    this.#isCorked = true;
    this.#socket.cork();
    if (this.#held !== undefined) this.#socket.write(this.#held);
    this.#held = undefined;
  }

  /** A reader that keeps up gets a message of any size: the bound is on what waits in front of it. */
  #hasRoomFor(bytes: number): boolean {
    if (this.#left === 0 && !this.#isCorked && this.#held === undefined) return true;
    const allowed = this.#shared.limits.maxBytes - bytes;
    const waiting = this.#socket.writableLength + (this.#held?.length ?? 0);
    if (waiting <= allowed || waiting === 0) return true;
    // Most of it may be this turn's, never offered to the kernel yet.
    this.flush();
    if (this.#backlog !== undefined) return false;
    const left = this.#socket.writableLength;
    return left === 0 || left <= allowed;
  }

  #writeAll(frames: readonly Buffer[], bytes: number): void {
    const socket = this.#socket;
    const first = frames[0];
    if (first === undefined) return;
    if (frames.length === 1) socket.write(first);
    else if (bytes <= copiedBytes) socket.write(Buffer.concat(frames));
    else {
      socket.cork();
      for (const frame of frames) socket.write(frame);
      socket.uncork();
    }
  }

  #beginBacklog(): void {
    const { limits, wheel } = this.#shared;
    const onDropped = (reason: DropReason) => this.#owner.onDropped(reason);
    const options = { maxBytes: limits.maxBytes, maxAgeMs: limits.maxAgeMs, onDropped };
    this.#backlog = new Backlog(options, wheel.nowMs, this.#mustArrive);
    // What is less than the socket's own mark is written without a word: it is asked for each tick.
    const says = this.#socket.writableNeedDrain;
    wheel.schedule(this, says ? wheel.toTicks(limits.maxAgeMs) : 1);
    if (says) this.#socket.once('drain', () => this.#drain());
  }

  #drain(): void {
    const backlog = this.#backlog;
    if (backlog === undefined) return;
    if (!this.#owner.mayWrite) {
      this.forget();
      return;
    }
    const socket = this.#socket;
    this.#left = 0;
    for (;;) {
      const frames = backlog.take(drainedBytes, this.#shared.wheel.nowMs);
      if (frames.length === 0) {
        this.forget();
        if (this.#left > 0) this.#lookAfter();
        return;
      }
      this.#mustArrive = backlog.handedMustArrive;
      this.#writeAll(
        frames,
        frames.reduce((sum, frame) => sum + frame.length, 0),
      );
      this.#left = socket.writableLength;
      if (this.#left > 0 && socket.writableNeedDrain) break;
    }
    socket.once('drain', () => this.#drain());
  }
}
