/**
 * - `connecting`: not there yet, and nothing has failed so far.
 * - `ready`: what is asked of it is done.
 * - `failing`: lost, or not to be had; `failure` says why, and it is tried again without end.
 * - `closed`: by us, for good.
 */
export type BackendState = 'connecting' | 'ready' | 'failing' | 'closed';

/** What every connection to a server of others has: it heals itself, and says how it is. */
export interface Backend {
  readonly state: BackendState;
  /** Why it does not work now, for people; undefined in `ready` only. */
  readonly failure: string | undefined;
  /** How often it has been tried to connect. */
  readonly attempts: number;
  /** Calls with each new state or reason. Returns what ends that. */
  onState(listener: BackendListener): () => void;
  /** Resolves when nothing of it is left; may be called twice. */
  close(): Promise<void>;
}

export type BackendListener = (state: BackendState, failure: string | undefined) => void;

/** The states of one `Backend`, behind one setter. No listener may throw. */
export class BackendStatus {
  readonly #listeners = new Set<BackendListener>();
  #state: BackendState = 'connecting';
  #failure: string | undefined = 'not connected yet';
  #attempts = 0;
  #outages = 0;

  get state(): BackendState {
    return this.#state;
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  /** Also tells the callbacks of one attempt from those of the next. */
  get attempts(): number {
    return this.#attempts;
  }

  /** How often it was ready and was lost. */
  get outages(): number {
    return this.#outages;
  }

  onState(listener: BackendListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Another attempt begins; its number. The state stays what it is: a server that does not come back goes on failing. */
  attempt(): number {
    this.#attempts += 1;
    return this.#attempts;
  }

  ready(): void {
    this.#set('ready', undefined);
  }

  fail(reason: string): void {
    this.#set('failing', reason);
  }

  close(): void {
    this.#set('closed', 'closed');
  }

  /** Resolves with the first state that is not `connecting`. */
  settled(): Promise<BackendState> {
    if (this.#state !== 'connecting') return Promise.resolve(this.#state);
    return new Promise((resolve) => {
      const stop = this.onState((state) => {
        stop();
        resolve(state);
      });
    });
  }

  #set(state: BackendState, failure: string | undefined): void {
    if (this.#state === 'closed' || (this.#state === state && this.#failure === failure)) return;
    if (this.#state === 'ready' && state === 'failing') this.#outages += 1;
    this.#state = state;
    this.#failure = failure;
    for (const listener of [...this.#listeners]) listener(state, failure);
  }
}
