import { randomBytes } from 'node:crypto';
import type { Bus, BusGuarantees } from './bus.ts';
import { BusStatus } from './bus-status.ts';

/** The first byte of a beat. What is broadcast otherwise begins with a version, which is far from it. */
const beatByte = 0xb7;
/** Beats in a row that may be missing: engines have moments. */
const missedMost = 2;

export interface WatchedBusOptions {
  readonly bus: Bus;
  readonly intervalMs: number;
}

/**
 * A bus that is known to work: a beat of this node goes round it again and again, over the engine's server and back. An engine whose
 * connections look healthy and carry nothing, such as a subscriber that nobody remembers, is a failure like any other.
 */
export class WatchedBus implements Bus {
  readonly guarantees: BusGuarantees;
  readonly #bus: Bus;
  readonly #intervalMs: number;
  readonly #status = new BusStatus();
  readonly #own = randomBytes(8);
  #beat = 0;
  #heard = 0;
  #sentAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** How long the last beat that came back was under way, in milliseconds. */
  lastMs: number | undefined;

  constructor({ bus, intervalMs }: WatchedBusOptions) {
    this.#bus = bus;
    this.#intervalMs = intervalMs;
    this.guarantees = bus.guarantees;
  }

  get failure(): string | undefined {
    return this.#status.failure;
  }

  onState(listener: (failure: string | undefined) => void): () => void {
    return this.#status.onState(listener);
  }

  figures(): ReturnType<Bus['figures']> {
    return this.#bus.figures();
  }

  async start(onMessage: (bytes: Buffer) => void): Promise<void> {
    this.#bus.onState(() => this.#judge());
    await this.#bus.start((bytes) => {
      if (bytes[0] !== beatByte) onMessage(bytes);
      else this.#hear(bytes);
    });
    this.#judge();
    this.#send();
  }

  broadcast(bytes: Buffer): Promise<void> {
    return this.#bus.broadcast(bytes);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#bus.close();
  }

  #send(): void {
    if (this.#isClosed) return;
    this.#judge();
    this.#beat += 1;
    this.#sentAt = performance.now();
    const bytes = Buffer.alloc(1 + this.#own.length + 6);
    bytes[0] = beatByte;
    this.#own.copy(bytes, 1);
    bytes.writeUIntBE(this.#beat, 1 + this.#own.length, 6);
    // Whether it came is seen by whether it is heard.
    this.#bus.broadcast(bytes).catch(() => {});
    this.#timer = setTimeout(() => this.#send(), this.#intervalMs);
    this.#timer.unref();
  }

  #hear(bytes: Buffer): void {
    if (!bytes.subarray(1, 1 + this.#own.length).equals(this.#own)) return;
    const beat = bytes.readUIntBE(1 + this.#own.length, 6);
    if (beat === this.#beat) this.lastMs = Math.round((performance.now() - this.#sentAt) * 100) / 100;
    this.#heard = Math.max(this.#heard, beat);
    this.#judge();
  }

  #judge(): void {
    const missed = this.#beat - this.#heard;
    const silence = `what this node broadcast has not come back for ${(missed * this.#intervalMs) / 1000} s`;
    this.#status.set(this.#bus.failure ?? (missed > missedMost ? silence : undefined));
  }
}
