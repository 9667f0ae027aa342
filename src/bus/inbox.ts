export interface InboxOptions {
  readonly maxBytes: number;
  /** Must not throw. */
  readonly onMessage: (bytes: Buffer) => void;
}

/** How long messages are handed on in one turn of the loop, before everything else gets its turn. */
const turnMs = 10;

/**
 * Between a socket that is to be read at once, since its server ends it otherwise, and a node that may not keep up: what comes is
 * handed on at once while there is time, in its order, and waits otherwise; what is more than may wait is dropped and counted.
 */
export class Inbox {
  readonly #options: InboxOptions;
  #waiting: Buffer[] = [];
  #next = 0;
  #bytes = 0;
  #dropped = 0;
  /** When this turn's time is up; undefined: none has begun. */
  #until: number | undefined;
  #isClosed = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** That wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages. */
  get dropped(): number {
    return this.#dropped;
  }

  put(message: Buffer): void {
    if (this.#isClosed) return;
    if (this.#next === this.#waiting.length && this.#hasTime()) {
      this.#options.onMessage(message);
      return;
    }
    if (this.#bytes + message.length > this.#options.maxBytes) {
      this.#dropped += 1;
      return;
    }
    this.#bytes += message.length;
    this.#waiting.push(message);
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
    this.#next = 0;
    this.#bytes = 0;
  }

  #hasTime(): boolean {
    const now = performance.now();
    if (this.#until === undefined) {
      this.#until = now + turnMs;
      setImmediate(() => this.#turn());
    }
    return now < this.#until;
  }

  #turn(): void {
    this.#until = undefined;
    while (this.#next < this.#waiting.length && this.#hasTime()) {
      const message = this.#waiting[this.#next];
      this.#next += 1;
      if (message === undefined) continue;
      this.#bytes -= message.length;
      this.#options.onMessage(message);
    }
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    }
  }
}
