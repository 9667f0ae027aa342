/** Seconds a rate is averaged over. */
const seconds = 10;

/** How many a second, over the last 10 seconds or as long as it has been asked to count, without a timer. */
export class Meter {
  readonly #now: () => number;
  readonly #startedAt: number;
  /** By second modulo `seconds`. */
  readonly #counts = new Float64Array(seconds);
  /** The second that was counted in last. */
  #second: number;

  /** `now`: milliseconds of a clock that only goes forward. */
  constructor(now = () => performance.now()) {
    this.#now = now;
    this.#startedAt = now();
    this.#second = Math.floor(this.#startedAt / 1000);
  }

  add(count: number): void {
    this.#turn();
    const at = this.#second % seconds;
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  get perSecond(): number {
    this.#turn();
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    const now = this.#now();
    // The second that runs is not over yet.
    const covered = Math.min((now - this.#startedAt) / 1000, seconds - 1 + (now / 1000 - this.#second));
    return total / Math.max(covered, 1);
  }

  #turn(): void {
    const second = Math.floor(this.#now() / 1000);
    for (let passed = Math.min(second - this.#second, seconds); passed > 0; passed--) {
      this.#counts[(second - passed + 1) % seconds] = 0;
    }
    this.#second = second;
  }
}
