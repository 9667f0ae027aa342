/** Something that waits on a wheel. The wheel owns `dueTick`; -1 means not waiting. */
export interface WheelItem {
  dueTick: number;
}

/**
 * A hashed timing wheel (Varghese and Lauck, 1987, scheme 6): any number of deadlines behind one interval timer, with no
 * timer and no closure per item. Time is counted in ticks that were really taken, so a process that was paused or starved
 * does not find all its deadlines in the past when it wakes up; the first tick after a pause is left out.
 */
export class TimingWheel<T extends WheelItem> {
  readonly tickMs: number;
  readonly #onDue: (item: T) => void;
  readonly #buckets: Set<T>[];
  #now = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { tickMs: number; buckets?: number; onDue: (item: T) => void }) {
    this.tickMs = options.tickMs;
    this.#onDue = options.onDue;
    this.#buckets = Array.from({ length: options.buckets ?? 1024 }, () => new Set());
  }

  /** Ticks taken so far. */
  get now(): number {
    return this.#now;
  }

  toTicks(ms: number): number {
    return Math.max(1, Math.ceil(ms / this.tickMs));
  }

  start(): void {
    if (this.#timer !== undefined) return;
    let last = performance.now();
    let isHeld = false;
    this.#timer = setInterval(() => {
      const now = performance.now();
      const isLate = now - last > 3 * this.tickMs;
      last = now;
      // What arrived during a pause still waits in the sockets: it is read before anybody is judged.
      isHeld = isLate && !isHeld;
      if (!isHeld) this.tick();
    }, this.tickMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Calls `onDue(item)` once, `ticks` from now; an earlier appointment of the item is cancelled. */
  schedule(item: T, ticks: number): void {
    this.cancel(item);
    item.dueTick = this.#now + ticks;
    this.#bucketOf(item.dueTick).add(item);
  }

  cancel(item: T): void {
    if (item.dueTick < 0) return;
    this.#bucketOf(item.dueTick).delete(item);
    item.dueTick = -1;
  }

  tick(): void {
    this.#now += 1;
    const bucket = this.#bucketOf(this.#now);
    for (const item of bucket) {
      if (item.dueTick > this.#now) continue;
      bucket.delete(item);
      item.dueTick = -1;
      this.#onDue(item);
    }
  }

  #bucketOf(tick: number): Set<T> {
    return this.#buckets[tick % this.#buckets.length] as Set<T>;
  }
}
