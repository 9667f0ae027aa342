import type { Awaitable } from './awaitable.ts';

/**
 * Keeps calls in their order although some have to wait for something first: one whose value is there goes on at once, unless
 * an earlier one still waits for its own. What the calls then do is not waited for.
 */
export class CallOrder {
  #last: Promise<void> | undefined;

  /** `next` of the value, begun after those of all earlier calls have begun. Throws, or rejects, as the value and `next` do. */
  run<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
    const before = this.#last;
    if (before === undefined && !(value instanceof Promise)) return next(value);
    return this.#runLater(before, Promise.resolve(value), next);
  }

  async #runLater<T, R>(before: Promise<void> | undefined, value: Promise<T>, next: (value: T) => Awaitable<R>) {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    this.#last = begun;
    // It is looked at when it is this one's turn; until then a failure of it is nobody's.
    value.catch(() => {});
    let result: Awaitable<R>;
    try {
      await before;
      result = next(await value);
    } finally {
      begin();
      if (this.#last === begun) this.#last = undefined;
    }
    return await result;
  }
}
