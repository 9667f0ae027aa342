import type { SlowRule } from '../api/message-class.ts';
import type { DropReason } from '../api/receipt.ts';

interface Waiting {
  /** Undefined once it has been dropped. */
  frame: Buffer | undefined;
  /** Absent: it has to arrive, or the connection ends. */
  readonly slow: SlowRule | undefined;
  /** When it came, in ms. */
  readonly at: number;
}

export interface BacklogOptions {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Told what is dropped of that which was taken before. */
  readonly onDropped: (reason: DropReason) => void;
}

/**
 * What waits for a client that does not keep up, behind bytes that were handed to its socket and that nothing can take back. Bounded in bytes, those
 * included, and in age. What is in the way is dropped as its class says: for a message that has to arrive whatever may be dropped gives way,
 * the oldest first; for another one those of its own class.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  /** Oldest first, from `#first` on. */
  #waiting: Waiting[] = [];
  #first = 0;
  #newest: Map<string, Waiting> | undefined;
  #bytes = 0;
  #mustArrive = 0;
  /** When the bytes in front were handed to the socket, in ms, and whether one of them has to arrive. */
  #handedAt: number;
  #handedMustArrive: boolean;

  constructor(options: BacklogOptions, now: number) {
    this.#options = options;
    this.#handedAt = now;
    this.#handedMustArrive = true;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** `inFront`: bytes the socket holds. Why it was not taken; undefined when it was. */
  add(frame: Buffer, slow: SlowRule | undefined, inFront: number, now: number): DropReason | undefined {
    const key = slow?.policy === 'conflate' ? `${slow.class}\0${slow.key}` : undefined;
    const older = key === undefined ? undefined : this.#newest?.get(key);
    if (older !== undefined) this.#drop(older, 'conflated');
    const excess = () => inFront + this.#bytes + frame.length - this.#options.maxBytes;
    if (excess() > 0) this.#makeRoom(excess, slow);
    if (excess() > 0) return slow === undefined ? 'slow_consumer' : 'outbox_full';
    const waiting = { frame, slow, at: now };
    this.#waiting.push(waiting);
    this.#bytes += frame.length;
    if (slow === undefined) this.#mustArrive += 1;
    if (key !== undefined) {
      this.#newest ??= new Map();
      this.#newest.set(key, waiting);
    }
    return undefined;
  }

  /** The oldest frames, about `bytes` of them, to be handed to the socket, which has written all that was in front. */
  take(bytes: number, now: number): Buffer[] {
    const frames: Buffer[] = [];
    this.#handedAt = now;
    this.#handedMustArrive = false;
    for (let size = 0; size < bytes && this.#first < this.#waiting.length; this.#first += 1) {
      const waiting = this.#waiting[this.#first] as Waiting;
      const { frame, slow } = waiting;
      if (frame === undefined) continue;
      frames.push(frame);
      size += frame.length;
      if (slow === undefined) this.#handedMustArrive = true;
      this.#forget(waiting);
    }
    this.#compact();
    return frames;
  }

  /** Drops what is too old and may be dropped. Answers when to look again, in ms, or that the client has to go. */
  expire(now: number): number | 'too slow' {
    const { maxAgeMs } = this.#options;
    const oldest = now - maxAgeMs;
    if (this.#handedMustArrive && this.#handedAt <= oldest) return 'too slow';
    let since = this.#handedMustArrive ? this.#handedAt : now;
    for (let at = this.#first; at < this.#waiting.length; at += 1) {
      const waiting = this.#waiting[at] as Waiting;
      if (waiting.frame === undefined) continue;
      if (waiting.at > oldest) {
        since = Math.min(since, waiting.at);
        break;
      }
      if (waiting.slow === undefined) return 'too slow';
      this.#drop(waiting, 'expired');
    }
    this.#compact();
    return since + maxAgeMs - now;
  }

  #makeRoom(excess: () => number, slow: SlowRule | undefined): void {
    if (slow !== undefined && slow.policy !== 'drop-oldest') return;
    if (slow === undefined && this.#mustArrive === this.#waiting.length - this.#first) return;
    for (let at = this.#first; at < this.#waiting.length && excess() > 0; at += 1) {
      const waiting = this.#waiting[at] as Waiting;
      if (waiting.frame === undefined || waiting.slow === undefined) continue;
      if (slow === undefined || waiting.slow.class === slow.class) this.#drop(waiting, 'displaced');
    }
    this.#compact();
  }

  #drop(waiting: Waiting, reason: DropReason): void {
    this.#forget(waiting);
    this.#options.onDropped(reason);
  }

  #forget(waiting: Waiting): void {
    const { slow } = waiting;
    this.#bytes -= waiting.frame?.length ?? 0;
    waiting.frame = undefined;
    if (slow === undefined) this.#mustArrive -= 1;
    else if (slow.policy === 'conflate') {
      const key = `${slow.class}\0${slow.key}`;
      if (this.#newest?.get(key) === waiting) this.#newest.delete(key);
    }
  }

  /** Frees the part of the list that has been used. */
  #compact(): void {
    while (this.#first < this.#waiting.length && this.#waiting[this.#first]?.frame === undefined) this.#first += 1;
    if (this.#first < 64 || this.#first < this.#waiting.length / 2) return;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }
}
