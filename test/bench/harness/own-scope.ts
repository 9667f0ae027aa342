import type { Scope } from '../../support/services/scope.ts';

/** What is begun in it ends with `await using`, in reverse order. */
export function ownScope(): Scope & AsyncDisposable {
  const stack = new AsyncDisposableStack();
  return {
    after: (end) => stack.defer(end),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
