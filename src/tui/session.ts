import { isDeepStrictEqual } from 'node:util';
import type { ListQuery } from '../api/listing.ts';
import { actionFor } from './keys.ts';
import type { NodeColumn } from './node-columns.ts';
import type { Poller } from './poller.ts';
import { clientQuery, factsOf } from './rows.ts';
import type { ClientPage, Snapshot } from './snapshot.ts';
import { reduce, reduceFilterInput, resize, type Size, type ViewState } from './view-state.ts';

/** What one frame shows. */
export interface Frame {
  readonly snapshot: Snapshot;
  readonly state: ViewState;
}

export interface SessionOptions {
  readonly poller: Poller;
  readonly initial: ViewState;
  readonly nodeColumns: readonly NodeColumn[];
  /** Only this system's clients; undefined: all. */
  readonly system?: string | undefined;
}

/**
 * Joins the poller and the view state: keys change the state, the state tells the poller what to fetch, and both make
 * frames. Knows neither React nor a terminal.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<() => void>();
  #frame: Frame;
  /** What was on the screen when it was paused. */
  #frozen: Snapshot | undefined;
  #query: ListQuery | undefined;
  /** The last list that answered, shown until the one now asked for has. */
  #lastList: ClientPage | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#frame = { snapshot: options.poller.snapshot, state: options.initial };
    options.poller.subscribe(() => this.#show(this.#frame.state));
    this.#apply(options.initial);
  }

  readonly frame = (): Frame => this.#frame;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** A key by its name, or text that was typed (several characters when they came at once). */
  press(key: string | undefined, text: string): void {
    if (this.#frame.state.formerFilter !== undefined) {
      this.#apply(reduceFilterInput(this.#frame.state, key, text));
      return;
    }
    const keys = key === undefined ? [...text] : [key];
    for (const [index, pressed] of keys.entries()) {
      const action = actionFor(pressed);
      if (!action) continue;
      this.#apply(reduce(this.#frame.state, action, this.#facts()));
      if (action === 'filter') {
        const rest = keys.slice(index + 1).join('');
        if (rest !== '') this.press(undefined, rest);
        return;
      }
    }
  }

  resize(size: Size): void {
    this.#apply(resize(this.#frame.state, size));
  }

  #facts() {
    const { snapshot, state } = this.#frame;
    return factsOf(snapshot, state, this.#options.nodeColumns, snapshot.clients?.query === this.#query);
  }

  #apply(state: ViewState): void {
    const { poller, system } = this.#options;
    if (state.isPaused !== this.#frame.state.isPaused) {
      this.#frozen = state.isPaused ? poller.snapshot : undefined;
      poller.holdClients(state.isPaused);
    }
    if (state.intervalMs !== poller.intervalMs) poller.setIntervalMs(state.intervalMs);
    const query = clientQuery(state, system);
    if (!isDeepStrictEqual(query, this.#query)) {
      this.#query = query;
      poller.watchClients(query);
    }
    this.#show(state);
  }

  #show(state: ViewState): void {
    const live = this.#options.poller.snapshot;
    this.#frame = { snapshot: { ...(this.#frozen ?? live), clients: this.#clientsFor(state, live.clients) }, state };
    for (const listener of [...this.#listeners]) listener();
  }

  #clientsFor(state: ViewState, live: ClientPage | undefined): ClientPage | undefined {
    if (state.view !== 'clients' || state.overlay === 'details') return live;
    if (live?.query === this.#query) this.#lastList = live;
    return this.#lastList;
  }
}
