import { setTimeout as delay } from 'node:timers/promises';
import type { NodeStart } from './cluster-directory.ts';
import type { RouteStore } from './route-store.ts';

export interface StoreUpkeepOptions {
  readonly store: RouteStore;
  /** This node, and those that have joined. */
  readonly nodes: () => readonly NodeStart[];
  /** Writes all down that this node holds. Rejects where that fails. */
  readonly restore: () => Promise<void>;
  /** The store cannot be relied on from now on, for what this node holds. */
  readonly onLost: () => void;
  /** All that this node holds is written down. */
  readonly onSettled: () => void;
  /** Between two attempts. */
  readonly retryMs: number;
  /** How often it is asked whether it still has what this node wrote. */
  readonly verifyMs: number;
}

/**
 * How far the store can be used. `down`: not at all. `restoring`: what changes is written down, and what was there before is being so; nothing is
 * looked up, for others may not be as far. `ready`: it knows everything.
 */
export type StorePhase = 'down' | 'restoring' | 'ready';

export class StoreUpkeep {
  readonly #options: StoreUpkeepOptions;
  readonly #stopLosing: () => void;
  readonly #closed = new AbortController();
  #phase: StorePhase = 'down';
  /** Counts losses: what began before one does not end it. */
  #losses = 0;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StoreUpkeepOptions) {
    this.#options = options;
    this.#stopLosing = options.store.onLost(() => this.lost());
  }

  get phase(): StorePhase {
    return this.#phase;
  }

  /** Resolves after the first attempt, whatever came of it. */
  async start(): Promise<void> {
    this.#options.onLost();
    await this.#attempt(this.#losses);
    if (this.#phase === 'ready') this.#verifyLater();
    else this.#run();
  }

  /** Something that was asked of it failed, or its connection ended. */
  lost(): void {
    this.#losses += 1;
    if (this.#phase !== 'down') this.#options.onLost();
    this.#phase = 'down';
    this.#run();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#stopLosing();
    clearTimeout(this.#timer);
    await this.#running;
  }

  #run(): void {
    if (this.#closed.signal.aborted || this.#running !== undefined) return;
    clearTimeout(this.#timer);
    this.#running = this.#untilReady().finally(() => {
      this.#running = undefined;
      if (this.#phase === 'ready') this.#verifyLater();
      else this.#run();
    });
  }

  async #untilReady(): Promise<void> {
    while (this.#phase !== 'ready') {
      await delay(this.#options.retryMs, undefined, { signal: this.#closed.signal, ref: false }).catch(() => {});
      if (this.#closed.signal.aborted) return;
      await this.#attempt(this.#losses);
    }
  }

  async #attempt(losses: number): Promise<void> {
    const { store, restore, onSettled, nodes } = this.#options;
    const isLost = () => losses !== this.#losses || this.#closed.signal.aborted;
    try {
      if (this.#phase === 'down') {
        await store.enlist();
        if (isLost()) return;
        this.#phase = 'restoring';
        await restore();
        if (isLost()) return;
        await store.settle();
        if (isLost()) return;
        onSettled();
      }
      const settled = await store.settled();
      if (!isLost() && nodes().every((node) => hasSettled(settled, node))) this.#phase = 'ready';
    } catch {
      if (!isLost()) this.lost();
    }
  }

  #verifyLater(): void {
    this.#timer = setTimeout(() => void this.#verify(), this.#options.verifyMs);
    this.#timer.unref();
  }

  async #verify(): Promise<void> {
    const { store, nodes } = this.#options;
    const losses = this.#losses;
    const settled = await store.settled().catch(() => undefined);
    if (losses !== this.#losses || this.#closed.signal.aborted) return;
    const [self] = nodes();
    if (settled !== undefined && self !== undefined && hasSettled(settled, self)) this.#verifyLater();
    else this.lost();
  }
}

/** In that incarnation, or in a later one that is not known here yet. */
function hasSettled(settled: ReadonlySet<string>, { id, incarnation }: NodeStart): boolean {
  return [...settled].some((key) => {
    const at = key.indexOf(':');
    return key.slice(at + 1) === id && Number(key.slice(0, at)) >= incarnation;
  });
}
