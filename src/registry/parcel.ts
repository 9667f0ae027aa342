import type { Dialect } from '../api/dialect.ts';
import type { PreparedMessage } from '../wire/prepared-message.ts';

const firstBytes = 4096;

/**
 * Frames of one dialect, one behind the other in one buffer that grows. What has been handed out of it is never written to again: a larger
 * buffer takes the place of a full one.
 */
export class Parcel {
  readonly dialect: Dialect;
  /** Where each message begins; one more than messages. */
  readonly #starts: number[] = [0];
  /** The only frame, as long as there is no second. */
  #only: Buffer | undefined;
  #buffer: Buffer | undefined;
  #isComplete = true;
  #last: Buffer | undefined;
  #lastStart = 0;
  #lastEnd = 0;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  /** Messages in it. */
  get count(): number {
    return this.#starts.length - 1;
  }

  /** Every message has a form in this dialect. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  add(prepared: PreparedMessage): void {
    const frame = prepared.frameFor(this.dialect);
    const size = this.#starts[this.count] as number;
    if (frame === undefined) this.#isComplete = false;
    this.#starts.push(size + (frame?.length ?? 0));
    if (frame === undefined) return;
    if (size === 0) {
      this.#only = frame;
      return;
    }
    this.#makeRoom(size, frame.length).set(frame, size);
  }

  /** The frames of the messages from `from` to `to`, which is not one of them. Mostly all, and the same for everybody. */
  frames(from: number, to: number): Buffer {
    const start = this.#starts[from] as number;
    const end = this.#starts[to] as number;
    if (this.#last !== undefined && this.#lastStart === start && this.#lastEnd === end) return this.#last;
    const whole = this.#buffer ?? this.#only ?? Buffer.alloc(0);
    this.#last = start === 0 && end === whole.length ? whole : whole.subarray(start, end);
    this.#lastStart = start;
    this.#lastEnd = end;
    return this.#last;
  }

  #makeRoom(size: number, more: number): Buffer {
    const old = this.#buffer;
    if (old !== undefined && old.length >= size + more) return old;
    const buffer = Buffer.allocUnsafeSlow(Math.max(firstBytes, 2 * (size + more)));
    (old ?? this.#only)?.copy(buffer, 0, 0, size);
    this.#buffer = buffer;
    this.#only = undefined;
    return buffer;
  }
}
