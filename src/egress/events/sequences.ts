/**
 * Gives each event its number: below 2^53, and greater than any earlier one in the cluster, so that what is known of a user is put into order by it, whichever
 * node tells it. It is near the time in microseconds since the epoch.
 */
export interface Sequences {
  /** The first of `count` numbers in a row that nobody else is given. Never rejects. */
  take(count: number): Promise<number>;
  /** Numbers that had to be taken from this machine's clock, since what the cluster shares could not be asked. */
  readonly local: number;
}

/** Of one process. A later start of it goes on above, by the clock. */
export class MemorySequences implements Sequences {
  readonly local = 0;
  readonly #nowMicros: () => number;
  #last = 0;

  constructor(nowMicros = microsNow) {
    this.#nowMicros = nowMicros;
  }

  async take(count: number): Promise<number> {
    return this.next(count);
  }

  next(count: number): number {
    const first = Math.max(this.#last + 1, this.#nowMicros());
    this.#last = first + count - 1;
    return first;
  }

  get last(): number {
    return this.#last;
  }

  /** Numbers up to this one have been given elsewhere. */
  learn(last: number): void {
    this.#last = Math.max(this.#last, last);
  }
}

export function microsNow(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}
