import { type RouteName, type RouteStore, type StoredPlace, settledKey } from '../../src/directory/route-store.ts';

/** An answer, or a question, that waits for its turn. */
export interface StoreStep {
  /** Of the node whose question it is; what one node sends arrives in its order. */
  readonly lane: string;
}

interface Step extends StoreStep {
  readonly do: () => void;
}

/** What several nodes write their routes to, in this process: the reference, whose questions and answers a test may hold and let go one by one. */
export class MemoryRouteServer {
  readonly #names = new Map<string, StoredPlace[]>();
  readonly #settled = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #steps = new Map<string, Step[]>();
  #clock = 0;
  isHeld = false;
  isDown = false;
  /** Questions that came. */
  asked = 0;

  /** Lanes with something on its way. */
  get waiting(): string[] {
    return [...this.#steps].filter(([, steps]) => steps.length > 0).map(([lane]) => lane);
  }

  /** Lets the first thing of a lane arrive. */
  step(lane: string): void {
    this.#steps.get(lane)?.shift()?.do();
  }

  release(): void {
    this.isHeld = false;
    this.#pump();
  }

  /** From now on nothing is answered. */
  stop(): void {
    this.isDown = true;
    for (const listener of [...this.#listeners]) listener();
  }

  start({ isEmpty = false } = {}): void {
    this.isDown = false;
    if (!isEmpty) return;
    this.#names.clear();
    this.#settled.clear();
  }

  placesOf(name: RouteName): readonly StoredPlace[] {
    return this.#names.get(keyOf(name)) ?? [];
  }

  storeOf(node: string, incarnation: () => number): RouteStore {
    const ask = <T>(work: () => T) => this.#ask(node, work);
    const put = (name: RouteName, cid: number, sequence: number) => {
      const places = this.placesOf(name).filter((each) => each.cid !== cid || each.node !== node);
      this.#names.set(keyOf(name), [...places, { node, incarnation: incarnation(), cid, sequence }]);
      return this.placesOf(name);
    };
    return {
      login: (name, cid, floor) =>
        ask(() => {
          this.#clock += 1;
          const last = Math.max(floor, ...this.placesOf(name).map(({ sequence }) => sequence));
          const sequence = Math.max(this.#clock, last + 1);
          return { sequence, places: put(name, cid, sequence) };
        }),
      put: (name, cid, sequence) => ask(() => put(name, cid, sequence)),
      drop: (name, cid) =>
        ask(() =>
          this.#keep(name, (each) => each.cid !== cid || each.node !== node || each.incarnation !== incarnation()),
        ),
      remove: (name, { node: from, cid, sequence }) =>
        ask(() => this.#keep(name, (each) => each.cid !== cid || each.node !== from || each.sequence !== sequence)),
      lookup: (names) => ask(() => names.map((name) => this.placesOf(name))),
      enlist: () => ask(() => {}),
      settle: () => ask(() => void this.#settled.add(settledKey(node, incarnation()))),
      settled: () => ask(() => new Set(this.#settled)),
      onLost: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
    };
  }

  #keep(name: RouteName, isKept: (place: StoredPlace) => boolean): void {
    const left = this.placesOf(name).filter(isKept);
    if (left.length === 0) this.#names.delete(keyOf(name));
    else this.#names.set(keyOf(name), left);
  }

  #ask<T>(node: string, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#add(`${node} asks`, () => {
        if (this.isDown) {
          this.#add(`${node} hears`, () => reject(new Error('the store is down')));
          return;
        }
        this.asked += 1;
        const answer = work();
        this.#add(`${node} hears`, () => resolve(answer));
      });
    });
  }

  #add(lane: string, what: () => void): void {
    const steps = this.#steps.get(lane) ?? [];
    this.#steps.set(lane, steps);
    steps.push({ lane, do: what });
    if (!this.isHeld) setImmediate(() => this.#pump());
  }

  #pump(): void {
    if (this.isHeld) return;
    for (const lane of this.waiting) this.step(lane);
    if (this.waiting.length > 0) setImmediate(() => this.#pump());
  }
}

function keyOf({ kind, system, name }: RouteName): string {
  return JSON.stringify([kind, system, name]);
}
