/** Whether a bus works, and who wants to know. No listener may throw. */
export class BusStatus {
  readonly #listeners = new Set<(failure: string | undefined) => void>();
  #failure: string | undefined = 'the bus is not started';

  get failure(): string | undefined {
    return this.#failure;
  }

  onState(listener: (failure: string | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The one setter. */
  set(failure: string | undefined): void {
    if (failure === this.#failure) return;
    this.#failure = failure;
    for (const listener of [...this.#listeners]) listener(failure);
  }
}
