import type { TimingWheel, WheelItem } from '../util/timing-wheel.ts';

/** The bucket it is due in belongs to the expiries; undefined: no appointment. */
export interface Expiring {
  expiresIn: number | undefined;
}

export interface ExpiriesOptions<T extends Expiring> {
  readonly onDue: (item: T) => void;
  /** `onDue` has thrown for this one; the others end as they should. */
  readonly onFault: (error: unknown, item: T) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

const bucketMs = 500;

/**
 * Ends what has an end by the clock, such as the time a token gives a connection: not before it, and within a second. Items wait in
 * buckets of half a second and are not looked at before, however far away they are: all together are one item on the wheel, and only while
 * there are any. Each tick asks the clock anew, so that after it was set, or the process paused, what is due ends at once.
 */
export class Expiries<T extends Expiring> implements WheelItem {
  dueTick = -1;
  readonly #wheel: TimingWheel;
  readonly #options: ExpiriesOptions<T>;
  readonly #buckets = new Map<number, Set<T>>();
  /** The last bucket whose time has come. */
  #checked = 0;

  constructor(wheel: TimingWheel, options: ExpiriesOptions<T>) {
    this.#wheel = wheel;
    this.#options = options;
  }

  /** `at`: milliseconds since the epoch. An earlier appointment of the item is forgotten. One in the past is due within half a second. */
  schedule(item: T, at: number): void {
    this.forget(item);
    if (this.dueTick < 0) {
      this.#checked = this.#bucketNow();
      this.#wheel.schedule(this, 1);
    }
    const number = Math.max(Math.ceil(at / bucketMs), this.#bucketNow() + 1);
    let bucket = this.#buckets.get(number);
    if (bucket === undefined) {
      bucket = new Set();
      this.#buckets.set(number, bucket);
    }
    bucket.add(item);
    item.expiresIn = number;
  }

  forget(item: T): void {
    const { expiresIn: number } = item;
    if (number === undefined) return;
    item.expiresIn = undefined;
    const bucket = this.#buckets.get(number);
    bucket?.delete(item);
    if (bucket?.size === 0) this.#buckets.delete(number);
  }

  onDue(): void {
    if (this.#buckets.size === 0) return;
    this.#wheel.schedule(this, 1);
    const until = this.#bucketNow();
    const checked = this.#checked;
    this.#checked = until;
    const isSetBack = until < checked;
    if (!isSetBack && until - checked <= this.#buckets.size) {
      for (let number = checked + 1; number <= until; number += 1) this.#end(number);
    } else {
      const passed = [...this.#buckets.keys()].filter((number) => number <= until);
      for (const number of passed.sort((a, b) => a - b)) this.#end(number);
    }
  }

  #end(number: number): void {
    for (const item of this.#buckets.get(number) ?? []) {
      this.forget(item);
      try {
        this.#options.onDue(item);
      } catch (error) {
        this.#options.onFault(error, item);
      }
    }
  }

  #bucketNow(): number {
    return Math.floor((this.#options.now ?? Date.now)() / bucketMs);
  }
}
