/** What may be known at once: who waits for it then costs no turn of the microtask queue. */
export type Awaitable<T> = T | Promise<T>;

/** `next` of the value: at once where it is known. Throws, or rejects, as `next` does. */
export function after<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** All of the values: at once where each is known. Rejects as the first that does. */
export function allKnown<T>(values: readonly Awaitable<T>[]): Awaitable<readonly T[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as readonly T[]);
}

/** Does `work`, then one of the others with what came of it: at once where nothing is waited for. */
export function whenDone<T>(
  work: () => Awaitable<T>,
  onDone: (value: T) => void,
  onError: (error: unknown) => void,
): void {
  let value: Awaitable<T>;
  try {
    value = work();
  } catch (error) {
    onError(error);
    return;
  }
  if (value instanceof Promise) value.then(onDone, onError);
  else onDone(value);
}
