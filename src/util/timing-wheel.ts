/** Something that waits on a wheel, for one thing at a time. */
export interface WheelItem {
  /** Belongs to the wheel; -1: not waiting. */
  dueTick: number;
  /** The time has come. It waits no longer, and may be scheduled again. */
  onDue(): void;
  /** `onDue` has thrown, which has been told: whatever the item belongs to has to end. */
  onFault?(): void;
}

export interface TimingWheelOptions {
  readonly tickMs: number;
  readonly buckets?: number;
  /** Told what an item threw; the others of its tick are not concerned. */
  readonly onFault: (error: unknown) => void;
}

/**
 * A hashed timing wheel (Varghese and Lauck, 1987, scheme 6): any number of deadlines behind one interval timer, with no
 * timer and no closure per item. Time is counted in ticks that were really taken, so a process that was paused or starved
 * does not find all its deadlines in the past when it wakes up; the first tick after a pause is left out. An item that is further away than
 * the wheel is round is looked at once a turn: what is hours away belongs elsewhere (`Expiries`).
 */
export class TimingWheel {
  readonly tickMs: number;
  readonly #onFault: (error: unknown) => void;
  readonly #buckets: Set<WheelItem>[];
  #now = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ tickMs, buckets = 1024, onFault }: TimingWheelOptions) {
    this.tickMs = tickMs;
    this.#onFault = onFault;
    this.#buckets = Array.from({ length: buckets }, () => new Set());
  }

  /** Ticks taken so far. */
  get now(): number {
    return this.#now;
  }

  /** The same in milliseconds. */
  get nowMs(): number {
    return this.#now * this.tickMs;
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

  /** The item is due once, `ticks` from now; an earlier appointment of it is cancelled. */
  schedule(item: WheelItem, ticks: number): void {
    this.cancel(item);
    item.dueTick = this.#now + ticks;
    this.#bucketOf(item.dueTick).add(item);
  }

  cancel(item: WheelItem): void {
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
      this.#settle(item);
    }
  }

  #settle(item: WheelItem): void {
    try {
      item.onDue();
    } catch (error) {
      this.#onFault(error);
      try {
        item.onFault?.();
      } catch (another) {
        this.#onFault(another);
      }
    }
  }

  #bucketOf(tick: number): Set<WheelItem> {
    return this.#buckets[tick % this.#buckets.length] as Set<WheelItem>;
  }
}
