import type { Bus, BusFigures } from '../bus.ts';
import { BusStatus } from '../bus-status.ts';

/** The part of what nodes say to each other that is broadcast. */
export interface RpcBusOptions {
  /** Tells every other node that is alive. Must not throw. */
  readonly tellAll: (bytes: Buffer) => void;
  /** Calls with what another node told all, from then on. Returns what ends that. */
  readonly listen: (onTold: (bytes: Buffer) => void) => () => void;
}

/**
 * Broadcasts as messages to each node, without a server in the middle: costs the sender one message for each node. A node whose link is
 * cut misses what is said meanwhile.
 */
export class RpcBus implements Bus {
  readonly guarantees = { delivery: 'at-most-once', ordered: true } as const;
  readonly #options: RpcBusOptions;
  readonly #status = new BusStatus();
  #phase: 'new' | 'started' | 'closed' = 'new';
  #onMessage: (bytes: Buffer) => void = () => {};
  #stop: () => void = () => {};
  #own: Buffer[] = [];
  #published = 0;
  #received = 0;

  constructor(options: RpcBusOptions) {
    this.#options = options;
  }

  get failure(): string | undefined {
    return this.#status.failure;
  }

  onState(listener: (failure: string | undefined) => void): () => void {
    return this.#status.onState(listener);
  }

  async start(onMessage: (bytes: Buffer) => void): Promise<void> {
    if (this.#phase !== 'new') throw new Error('the bus was started or closed before');
    this.#phase = 'started';
    this.#onMessage = onMessage;
    this.#stop = this.#options.listen((bytes) => this.#hear(bytes));
    this.#status.set(undefined);
  }

  async broadcast(bytes: Buffer): Promise<void> {
    const { failure } = this;
    if (failure !== undefined) throw new Error(failure);
    this.#published += 1;
    this.#options.tellAll(bytes);
    // Nodes hear the others in a later turn, and themselves as well.
    this.#own.push(bytes);
    if (this.#own.length === 1) setImmediate(() => this.#hearOwn());
  }

  figures(): BusFigures {
    return { published: this.#published, received: this.#received };
  }

  async close(): Promise<void> {
    this.#phase = 'closed';
    this.#stop();
    this.#own = [];
    this.#status.set('the bus is closed');
  }

  #hearOwn(): void {
    const own = this.#own;
    this.#own = [];
    for (const bytes of own) this.#hear(bytes);
  }

  #hear(bytes: Buffer): void {
    if (this.#phase !== 'started') return;
    this.#received += 1;
    this.#onMessage(bytes);
  }
}
