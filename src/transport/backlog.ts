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
  #waiting = new Fifo();
  /** Of those, what may be dropped: all of it, and by class what gives way to newer ones. */
  #droppable: Fifo | undefined;
  #byClass: Map<string, Fifo> | undefined;
  #newest: Map<string, Waiting> | undefined;
  #bytes = 0;
  /** When the bytes in front were handed to the socket, in ms, and whether one of them has to arrive. */
  #handedAt: number;
  #handedMustArrive: boolean;

  /** `handedMustArrive`: something that has to arrive is among the bytes in front. */
  constructor(options: BacklogOptions, now: number, handedMustArrive: boolean) {
    this.#options = options;
    this.#handedAt = now;
    this.#handedMustArrive = handedMustArrive;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Messages it holds, with those that have gone and are not forgotten yet. */
  get entries(): number {
    return this.#waiting.length;
  }

  /** Something that has to arrive is among the bytes that were handed to the socket last. */
  get handedMustArrive(): boolean {
    return this.#handedMustArrive;
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
    if (slow === undefined) return undefined;
    this.#droppable ??= new Fifo();
    this.#droppable.push(waiting);
    if (slow.policy === 'drop-oldest') this.#ofClass(slow.class).push(waiting);
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
    for (let size = 0; size < bytes; ) {
      const waiting = this.#waiting.oldest;
      if (waiting?.frame === undefined) break;
      frames.push(waiting.frame);
      size += waiting.frame.length;
      if (waiting.slow === undefined) this.#handedMustArrive = true;
      this.#forget(waiting);
    }
    return frames;
  }

  /** Drops what is too old and may be dropped. Answers when to look again, in ms, or that the client has to go. */
  expire(now: number): number | 'too slow' {
    const { maxAgeMs } = this.#options;
    const tooOld = now - maxAgeMs;
    if (this.#handedMustArrive && this.#handedAt <= tooOld) return 'too slow';
    for (let waiting = this.#waiting.oldest; waiting !== undefined; waiting = this.#waiting.oldest) {
      if (waiting.at > tooOld) break;
      if (waiting.slow === undefined) return 'too slow';
      this.#drop(waiting, 'expired');
    }
    const since = Math.min(this.#handedMustArrive ? this.#handedAt : now, this.#waiting.oldest?.at ?? now);
    return since + maxAgeMs - now;
  }

  #makeRoom(excess: () => number, slow: SlowRule | undefined): void {
    if (slow !== undefined && slow.policy !== 'drop-oldest') return;
    const giving = slow === undefined ? this.#droppable : this.#byClass?.get(slow.class);
    while (excess() > 0) {
      const waiting = giving?.oldest;
      if (waiting === undefined) return;
      this.#drop(waiting, 'displaced');
    }
  }

  #ofClass(name: string): Fifo {
    this.#byClass ??= new Map();
    let fifo = this.#byClass.get(name);
    if (fifo === undefined) {
      fifo = new Fifo();
      this.#byClass.set(name, fifo);
    }
    return fifo;
  }

  #drop(waiting: Waiting, reason: DropReason): void {
    this.#forget(waiting);
    this.#options.onDropped(reason);
  }

  #forget(waiting: Waiting): void {
    const { slow } = waiting;
    this.#bytes -= waiting.frame?.length ?? 0;
    waiting.frame = undefined;
    this.#waiting.hasGone();
    if (slow === undefined) return;
    this.#droppable?.hasGone();
    if (slow.policy === 'drop-oldest') this.#byClass?.get(slow.class)?.hasGone();
    if (slow.policy !== 'conflate') return;
    const key = `${slow.class}\0${slow.key}`;
    if (this.#newest?.get(key) === waiting) this.#newest.delete(key);
  }
}

/** In the order they came. Those that have gone, wherever they stood, are forgotten once they are as many as the others. */
class Fifo {
  #all: Waiting[] = [];
  #first = 0;
  #gone = 0;

  push(waiting: Waiting): void {
    this.#all.push(waiting);
  }

  get length(): number {
    return this.#all.length;
  }

  /** The first that has not gone. */
  get oldest(): Waiting | undefined {
    while (this.#first < this.#all.length && this.#all[this.#first]?.frame === undefined) this.#first += 1;
    return this.#all[this.#first];
  }

  /** One of them has lost its frame. */
  hasGone(): void {
    this.#gone += 1;
    if (this.#gone < 64 || this.#gone < this.#all.length / 2) return;
    this.#all = this.#all.filter(({ frame }) => frame !== undefined);
    this.#first = 0;
    this.#gone = 0;
  }
}
