export interface SpareTimeOptions {
  /** Pieces of work that may wait, and what they weigh together; one that is heavier waits alone. */
  readonly most?: number;
  readonly mostWeight?: number;
  /** What a run takes at most, and the pause behind it. */
  readonly runMs?: number;
  readonly pauseMs?: number;
}

/**
 * Work that must not be in anybody's way: it is done after what the loop has to do, for 2 ms at a time and a twentieth of the time at most. What finds no
 * room is refused, and given up by whoever brought it.
 */
export class SpareTime {
  readonly #most: number;
  readonly #mostWeight: number;
  readonly #runMs: number;
  readonly #pauseMs: number;
  #waiting: { readonly work: () => void; readonly weight: number }[] = [];
  #weight = 0;
  #isPlanned = false;

  constructor({ most = 2000, mostWeight = 4 * 1024 * 1024, runMs = 2, pauseMs = 38 }: SpareTimeOptions = {}) {
    this.#most = most;
    this.#mostWeight = mostWeight;
    this.#runMs = runMs;
    this.#pauseMs = pauseMs;
  }

  /** False: there is no room for it. `work` must not throw. */
  add(work: () => void, weight: number): boolean {
    const count = this.#waiting.length;
    if (count >= this.#most || (count > 0 && this.#weight + weight > this.#mostWeight)) return false;
    this.#waiting.push({ work, weight });
    this.#weight += weight;
    if (!this.#isPlanned) {
      this.#isPlanned = true;
      setImmediate(() => this.#run());
    }
    return true;
  }

  #run(): void {
    const waiting = this.#waiting;
    const until = performance.now() + this.#runMs;
    let done = 0;
    while (done < waiting.length && (done === 0 || performance.now() < until)) {
      const { work, weight } = waiting[done] as { work: () => void; weight: number };
      done += 1;
      this.#weight -= weight;
      work();
    }
    waiting.splice(0, done);
    this.#isPlanned = waiting.length > 0;
    if (this.#isPlanned) setTimeout(() => this.#run(), this.#pauseMs).unref();
  }
}
