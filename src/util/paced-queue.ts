/** One piece of work; answers how much it was. */
export type PacedTask = () => number;

/**
 * Runs tasks in the order they come, at once while there is little to do, and gives the event loop a turn whenever
 * `perTurn` units of work have been done since the last one. Tasks must not throw.
 */
export class PacedQueue {
  readonly #perTurn: number;
  readonly #waiting: PacedTask[] = [];
  #spent = 0;
  /** Working, or waiting for the next turn. */
  #isBusy = false;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  add(task: PacedTask): void {
    this.#waiting.push(task);
    if (!this.#isBusy) this.#work();
  }

  /** Resolves when everything added so far has run. */
  async whenIdle(): Promise<void> {
    if (!this.#isBusy) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }

  #work(): void {
    this.#isBusy = true;
    let done = 0;
    // A task may add others: the list grows while it is walked.
    for (const task of this.#waiting) {
      this.#spent += task();
      done += 1;
      if (this.#spent >= this.#perTurn) break;
    }
    this.#waiting.splice(0, done);
    if (this.#spent >= this.#perTurn) {
      setImmediate(() => {
        this.#spent = 0;
        this.#work();
      });
      return;
    }
    this.#isBusy = false;
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}
