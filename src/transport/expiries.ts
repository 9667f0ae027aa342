const defaultCheckMs = 250;

/** The second (of the epoch) it is due in belongs to the expiries; undefined: no appointment. */
export interface Expiring {
  expiresIn: number | undefined;
}

/**
 * Ends what has an end by the clock, such as the time a token gives a connection, within a second of it. One timer for all: items
 * wait in buckets of a second. After a clock was set forward, or the process paused, it catches up at once.
 */
export class Expiries<T extends Expiring> {
  readonly #onDue: (item: T) => void;
  readonly #now: () => number;
  readonly #checkMs: number;
  readonly #buckets = new Map<number, Set<T>>();
  #checked: number;
  #timer: NodeJS.Timeout | undefined;

  /** `now`: milliseconds since the epoch. */
  constructor(options: { onDue: (item: T) => void; now?: () => number; checkMs?: number }) {
    this.#onDue = options.onDue;
    this.#now = options.now ?? Date.now;
    this.#checkMs = options.checkMs ?? defaultCheckMs;
    this.#checked = this.#second();
  }

  start(): void {
    this.#timer ??= setInterval(() => this.check(), this.#checkMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** `at`: milliseconds since the epoch. An earlier appointment of the item is forgotten. One in the past is due at the next check. */
  schedule(item: T, at: number): void {
    this.forget(item);
    const second = Math.max(Math.ceil(at / 1000), this.#checked + 1);
    let bucket = this.#buckets.get(second);
    if (bucket === undefined) {
      bucket = new Set();
      this.#buckets.set(second, bucket);
    }
    bucket.add(item);
    item.expiresIn = second;
  }

  forget(item: T): void {
    const { expiresIn: second } = item;
    if (second === undefined) return;
    item.expiresIn = undefined;
    const bucket = this.#buckets.get(second);
    bucket?.delete(item);
    if (bucket?.size === 0) this.#buckets.delete(second);
  }

  check(): void {
    const until = this.#second();
    const passed = until - this.#checked;
    const due =
      passed < this.#buckets.size
        ? Array.from({ length: Math.max(0, passed) }, (_, at) => this.#checked + 1 + at)
        : [...this.#buckets.keys()].filter((second) => second <= until);
    this.#checked = until;
    for (const second of due) {
      for (const item of this.#buckets.get(second) ?? []) {
        this.forget(item);
        this.#onDue(item);
      }
    }
  }

  #second(): number {
    return Math.floor(this.#now() / 1000);
  }
}
