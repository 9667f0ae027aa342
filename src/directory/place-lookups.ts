import type { RouteName, RouteStore, StoredPlace } from './route-store.ts';

export interface PlaceLookupsOptions {
  readonly store: RouteStore;
  readonly deadlineMs: number;
  readonly onFailure: () => void;
}

type Found = readonly StoredPlace[] | undefined;

interface Batch {
  readonly names: RouteName[];
  readonly waiting: ((found: Found) => void)[];
}

/** Names asked for that have no answer yet; beyond them everyone is asked. */
const mostUnderWay = 50_000;

/** What is looked up in one turn of the loop is asked for together. Answers undefined where there is none in time. */
export class PlaceLookups {
  readonly #options: PlaceLookupsOptions;
  #open: Batch | undefined;
  #underWay = 0;
  #isClosed = false;

  constructor(options: PlaceLookupsOptions) {
    this.#options = options;
  }

  get(name: RouteName): Promise<Found> {
    if (this.#isClosed || this.#underWay >= mostUnderWay) return Promise.resolve(undefined);
    this.#underWay += 1;
    return new Promise((resolve) => {
      if (this.#open === undefined) {
        this.#open = { names: [], waiting: [] };
        setImmediate(() => this.#ask());
      }
      this.#open.names.push(name);
      this.#open.waiting.push(resolve);
    });
  }

  close(): void {
    this.#isClosed = true;
  }

  #ask(): void {
    const batch = this.#open;
    this.#open = undefined;
    if (batch === undefined) return;
    const { names, waiting } = batch;
    let isOver = false;
    const answer = (all: readonly Found[] | undefined) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      this.#underWay -= names.length;
      if (all === undefined) this.#options.onFailure();
      for (const [at, resolve] of waiting.entries()) resolve(all?.[at]);
    };
    const timer = setTimeout(() => answer(undefined), this.#options.deadlineMs);
    this.#options.store.lookup(names).then(answer, () => answer(undefined));
  }
}
