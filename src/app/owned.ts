/**
 * What a node has opened, closed again in reverse order of opening. `step` names what is being closed, so that a stop that
 * hangs can say where.
 */
export class Owned implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  step = '';

  /** `what` completes "closing …". */
  add(what: string, close: () => void | Promise<void>): void {
    this.#stack.defer(async () => {
      this.step = `closing ${what}`;
      await close();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
