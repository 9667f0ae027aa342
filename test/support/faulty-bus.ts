import type { Bus, BusFigures } from '../../src/bus/bus.ts';
import { BusStatus } from '../../src/bus/bus-status.ts';

/** Where faulty buses meet: what becomes of a message on its way to a node is decided by the test. */
export class FaultyBusHub {
  readonly members = new Map<string, (bytes: Buffer) => void>();
  /** The copies that arrive, each after so many milliseconds; none: the message is lost. */
  fate: (to: string, bytes: Buffer) => readonly number[] = () => [0];
  /** What a sender hears: that it was taken, that it was not, or nothing at all. */
  answer: 'taken' | 'refused' | 'nothing' = 'taken';
  /** Messages that somebody tried to send. */
  tried = 0;
  /** Those that hear nothing of the answer are told when this is called. */
  readonly unanswered: (() => void)[] = [];

  deliver(bytes: Buffer): void {
    for (const [id, member] of this.members) {
      for (const delayMs of this.fate(id, bytes)) {
        if (delayMs > 0) setTimeout(() => member(bytes), delayMs);
        else setImmediate(() => member(bytes));
      }
    }
  }
}

export class FaultyBus implements Bus {
  readonly guarantees = { delivery: 'at-most-once', ordered: false } as const;
  readonly status = new BusStatus();
  readonly #hub: FaultyBusHub;
  readonly #id: string;

  constructor(hub: FaultyBusHub, id: string) {
    this.#hub = hub;
    this.#id = id;
  }

  get failure(): string | undefined {
    return this.status.failure;
  }

  onState(listener: (failure: string | undefined) => void): () => void {
    return this.status.onState(listener);
  }

  async start(onMessage: (bytes: Buffer) => void): Promise<void> {
    this.#hub.members.set(this.#id, onMessage);
    this.status.set(undefined);
  }

  async broadcast(bytes: Buffer): Promise<void> {
    this.#hub.tried += 1;
    if (this.#hub.answer === 'refused') throw new Error('refused');
    if (this.#hub.answer === 'nothing') await new Promise<void>((resolve) => this.#hub.unanswered.push(resolve));
    this.#hub.deliver(bytes);
  }

  figures(): BusFigures {
    return {};
  }

  async close(): Promise<void> {
    this.#hub.members.delete(this.#id);
  }
}
