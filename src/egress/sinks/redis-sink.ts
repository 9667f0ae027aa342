import type { ChainableCommander } from 'ioredis';
import type { RedisLink } from '../../backends/redis-link.ts';
import { type RedisOptions, whereIsRedis } from '../../backends/redis-options.ts';
import type { RedisClient } from '../../backends/redis-script.ts';
import type { Sink, SinkKind, SinkRecord, SinkStatus } from '../sink.ts';

export interface RedisSinkParts {
  readonly kind: SinkKind;
  readonly redis: RedisOptions;
  readonly open: () => Promise<RedisLink<RedisClient>>;
  /** Adds one record to those that Redis takes together. */
  readonly add: (batch: ChainableCommander, record: SinkRecord) => unknown;
}

/** What is sent together is one transaction: all of it arrives in its order, or Redis has refused it and nothing arrives. */
export class RedisSink implements Sink {
  readonly kind: SinkKind;
  readonly #parts: RedisSinkParts;
  readonly #opening: Promise<void>;
  readonly #listeners: (() => void)[] = [];
  #link: RedisLink<RedisClient> | undefined;
  #isClosed = false;

  constructor(parts: RedisSinkParts) {
    this.kind = parts.kind;
    this.#parts = parts;
    this.#opening = this.#open();
  }

  get status(): SinkStatus {
    if (this.#isClosed) return { state: 'closed', failure: 'closed' };
    const { state, failure } = this.#link ?? { state: 'connecting', failure: 'not connected yet' };
    return { state, failure: failure === undefined ? undefined : this.#inWords(failure) };
  }

  onState(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async send(records: readonly SinkRecord[]): Promise<void> {
    await this.#opening;
    const link = this.#link;
    if (this.#isClosed || link === undefined) throw new Error('the way out is closed');
    if (records.length === 0) return;
    await link.settled();
    if (link.failure !== undefined) throw new Error(this.#inWords(link.failure));
    const batch = link.client.multi();
    for (const record of records) this.#parts.add(batch, record);
    try {
      const answers = (await batch.exec()) ?? [];
      for (const [error] of answers) if (error) throw error;
    } catch (error) {
      throw new Error(this.#inWords(wordsOf(error as Error, link)), { cause: error });
    }
  }

  async close(): Promise<void> {
    const wasClosed = this.#isClosed;
    this.#isClosed = true;
    if (!wasClosed) this.#tell();
    await this.#opening;
    await this.#link?.close();
  }

  async #open(): Promise<void> {
    const link = await this.#parts.open();
    this.#link = link;
    link.onState(() => {
      if (!this.#isClosed) this.#tell();
    });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #inWords(reason: string): string {
    return `Redis at ${whereIsRedis(this.#parts.redis)}: ${reason}`;
  }
}

/** A transaction that was refused says why in what it hides. */
function wordsOf(error: Error & { previousErrors?: readonly Error[] }, link: RedisLink<RedisClient>): string {
  return link.reasonOf(error.previousErrors?.[0] ?? error);
}
