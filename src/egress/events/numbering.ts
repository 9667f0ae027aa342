import type { Sequences } from './sequences.ts';

/** Numbers what is added, in its order, and hands it on: all that came while the last numbers were asked for is numbered at once. */
export class Numbering<T> {
  readonly #sequences: Sequences;
  readonly #most: number;
  readonly #handOn: (item: T, sequence: number) => void;
  #waiting: T[] = [];
  #isRunning = false;
  #running: Promise<void> = Promise.resolve();

  constructor(sequences: Sequences, most: number, handOn: (item: T, sequence: number) => void) {
    this.#sequences = sequences;
    this.#most = most;
    this.#handOn = handOn;
  }

  /** Resolves once nothing waits for its number. */
  get whenDone(): Promise<void> {
    return this.#running;
  }

  add(item: T): void {
    this.#waiting.push(item);
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    // What comes in one turn of the loop is numbered together.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#most);
      const first = await this.#sequences.take(batch.length);
      for (const [at, item] of batch.entries()) this.#handOn(item, first + at);
    }
    this.#isRunning = false;
  }
}
