export interface SpareTimeOptions {
  /** Pieces of work that may wait, and what they weigh together; one that is heavier waits alone. */
  readonly most?: number;
  readonly mostWeight?: number;
  /** What a run takes at most. */
  readonly runMs?: number;
  /** The pause behind a run, as many times as long as that took. */
  readonly rest?: number;
  /** Milliseconds on a clock that is never set back. */
  readonly now?: () => number;
}

/** Also behind a run in which the whole process stood still. */
const mostRestMs = 200;

/**
 * Work that must not be in anybody's way: it is done after what the loop has to do, for 2 ms at a time and a twentieth of the time at most. What finds no
 * room is refused, and given up by whoever brought it.
 */
export class SpareTime {
  readonly #options: Required<SpareTimeOptions>;
  #waiting: { readonly work: () => void; readonly weight: number }[] = [];
  #weight = 0;
  #isPlanned = false;
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor({
    most = 2000,
    mostWeight = 4 * 1024 * 1024,
    runMs = 2,
    rest = 19,
    now = () => performance.now(),
  }: SpareTimeOptions = {}) {
    this.#options = { most, mostWeight, runMs, rest, now };
  }

  /** False: there is no room for it. `work` must not throw. */
  add(work: () => void, weight: number): boolean {
    const { most, mostWeight } = this.#options;
    const count = this.#waiting.length;
    if (count >= most || (count > 0 && this.#weight + weight > mostWeight)) return false;
    this.#waiting.push({ work, weight });
    this.#weight += weight;
    if (!this.#isPlanned) this.#plan();
    return true;
  }

  #plan(): void {
    this.#isPlanned = true;
    const restMs = this.#restsUntil - this.#options.now();
    if (restMs <= 0) setImmediate(() => this.#run());
    else setTimeout(() => this.#run(), restMs).unref();
  }

  #run(): void {
    const { runMs, rest, now } = this.#options;
    const waiting = this.#waiting;
    const begunAt = now();
    let done = 0;
    while (done < waiting.length && (done === 0 || now() - begunAt < runMs)) {
      const { work, weight } = waiting[done] as { work: () => void; weight: number };
      done += 1;
      this.#weight -= weight;
      work();
    }
    waiting.splice(0, done);
    const endedAt = now();
    this.#restsUntil = endedAt + Math.min(mostRestMs, (endedAt - begunAt) * rest);
    this.#isPlanned = false;
    if (waiting.length > 0) this.#plan();
  }
}
