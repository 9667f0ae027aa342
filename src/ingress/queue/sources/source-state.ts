import type { SourceState } from '../source.ts';

/** The state of a source and why, behind one setter. No listener may throw. */
export class SourceStates {
  readonly #listeners: (() => void)[] = [];
  #state: SourceState = 'connecting';
  #failure: string | undefined = 'not connected yet';

  get state(): SourceState {
    return this.#state;
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  onState(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** `closed` is for good. */
  set(state: SourceState, failure?: string): void {
    if (this.#state === 'closed' || (this.#state === state && this.#failure === failure)) return;
    this.#state = state;
    this.#failure = failure;
    for (const listener of this.#listeners) listener();
  }
}
