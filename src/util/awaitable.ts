/** What may be known at once: who waits for it then costs no turn of the microtask queue. */
export type Awaitable<T> = T | Promise<T>;

/** `next` of the value: at once where it is known. Throws, or rejects, as `next` does. */
export function after<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
