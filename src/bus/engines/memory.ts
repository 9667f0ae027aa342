import type { Bus, BusFigures } from '../bus.ts';
import { BusStatus } from '../bus-status.ts';

type Member = (bytes: Buffer) => void;

/** Where the memory buses of one process meet. */
export type MemoryHub = Set<Member>;

/** The bus of a single node, and the reference for the others: buses on the same hub hear each other. */
export class MemoryBus implements Bus {
  readonly guarantees = { delivery: 'at-most-once', ordered: true } as const;
  readonly #hub: MemoryHub;
  readonly #status = new BusStatus();
  #member: Member | undefined;
  #isClosed = false;

  constructor(hub: MemoryHub = new Set()) {
    this.#hub = hub;
  }

  get failure(): string | undefined {
    return this.#status.failure;
  }

  onState(listener: (failure: string | undefined) => void): () => void {
    return this.#status.onState(listener);
  }

  async start(onMessage: Member): Promise<void> {
    if (this.#isClosed || this.#member !== undefined) throw new Error('the bus was started or closed before');
    // A function of its own, so that buses with the same handler stay apart.
    this.#member = (bytes) => onMessage(bytes);
    this.#hub.add(this.#member);
    this.#status.set(undefined);
  }

  async broadcast(bytes: Buffer): Promise<void> {
    if (this.failure !== undefined) throw new Error(this.failure);
    for (const member of this.#hub) {
      queueMicrotask(() => {
        if (this.#hub.has(member)) member(bytes);
      });
    }
  }

  figures(): BusFigures {
    return {};
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#member !== undefined) this.#hub.delete(this.#member);
    this.#member = undefined;
    this.#status.set('the bus is closed');
  }
}
