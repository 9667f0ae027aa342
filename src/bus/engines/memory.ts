import type { Bus } from '../bus.ts';

type Member = (bytes: Buffer) => void;

/** Where the memory buses of one process meet. */
export type MemoryHub = Set<Member>;

/** The bus of a single node, and the reference for the others: buses on the same hub hear each other. */
export class MemoryBus implements Bus {
  readonly guarantees = { delivery: 'at-most-once', ordered: true } as const;
  readonly #hub: MemoryHub;
  #member: Member | undefined;

  constructor(hub: MemoryHub = new Set()) {
    this.#hub = hub;
  }

  async start(onMessage: Member): Promise<void> {
    this.#member = onMessage;
    this.#hub.add(onMessage);
  }

  async broadcast(bytes: Buffer): Promise<void> {
    if (this.#member === undefined) throw new Error('the bus is not started');
    for (const member of [...this.#hub]) member(bytes);
  }

  async close(): Promise<void> {
    if (this.#member !== undefined) this.#hub.delete(this.#member);
    this.#member = undefined;
  }
}
