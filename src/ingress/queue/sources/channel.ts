import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { openRedis } from '../../../backends/redis.ts';
import type { RedisLink } from '../../../backends/redis-link.ts';
import { type RedisOptions, whereIsRedis } from '../../../backends/redis-options.ts';
import type { RedisClient } from '../../../backends/redis-script.ts';
import { openRedisServer, RedisNodes } from '../../../backends/redis-server.ts';
import { atMost } from '../../../util/at-most.ts';
import type { QueueRecord, Source, SourceStatus, TakeBatch } from '../source.ts';
import { Heard } from './heard.ts';
import { Parking, type Poison, poisonIn } from './parking.ts';
import { parkDeadLetterOnce } from './redis-dead-letters.ts';
import { SourceStates } from './source-state.ts';
import { giveUntilTaken } from './until-taken.ts';

export interface ChannelSourceOptions {
  readonly redis: RedisOptions;
  readonly channel: string;
  /** The door's name, which is written beside what is parked. What is poison goes to the stream `<channel>.dead`. */
  readonly door: string;
  /** What was heard and waits to be handed on; what does not fit is dropped and counted. Default 32 MiB. */
  readonly maxQueueBytes?: number;
  /** Default 512. */
  readonly maxBatchRecords?: number;
  /** Of bodies that are handed on at once, about. Default 1 MiB. */
  readonly maxBatchBytes?: number;
  /** After it what cannot be parked is written into the log. Default 10,000. */
  readonly parkWithinMs?: number;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
}

const mebibyte = 1024 * 1024;
const defaults = {
  maxQueueBytes: 32 * mebibyte,
  maxBatchRecords: 512,
  maxBatchBytes: mebibyte,
  parkWithinMs: 10_000,
};
const closeWithinMs = 2000;

/**
 * A Redis channel, heard by every node. At most once: what is published while the subscription is away is lost (each time is a gap), and so is what does not
 * fit among what waits. In a Redis Cluster it is heard on any of its nodes.
 */
export function createChannelSource(options: ChannelSourceOptions): Source {
  return new ChannelSource({ ...defaults, ...options });
}

class ChannelSource implements Source {
  readonly kind = 'channel';
  readonly #options: typeof defaults & ChannelSourceOptions;
  readonly #states = new SourceStates();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;
  readonly #heard: Heard;
  readonly #parking: Parking<QueueRecord>;
  #opening: Promise<void> | undefined;
  #handingOn: Promise<void> | undefined;
  #subscriber: RedisLink<Redis> | undefined;
  /** For dead letters: made for the first one. */
  #commands: Promise<RedisLink<RedisClient>> | undefined;
  #overflowed = 0;
  #take: TakeBatch | undefined;

  constructor(options: typeof defaults & ChannelSourceOptions) {
    this.#options = options;
    this.#heard = new Heard(options.maxQueueBytes);
    this.#parking = new Parking({
      door: options.door,
      send: (poison) => this.#park(poison),
      isWorking: () => this.#subscriber?.state === 'ready',
      withinMs: options.parkWithinMs,
      warn: options.warn,
    });
  }

  get status(): SourceStatus {
    const { state, failure } = this.#states;
    const outages = this.#subscriber?.outages ?? 0;
    const figures = { reconnects: outages, gaps: outages, overflowed: this.#overflowed, ...this.#parking.figures() };
    return { state, failure, lag: undefined, figures };
  }

  onState(listener: () => void): void {
    this.#states.onState(listener);
  }

  start(take: TakeBatch): void {
    if (this.#take !== undefined || this.#closing.signal.aborted) throw new Error('the source was started before');
    this.#take = take;
    this.#opening = this.#open();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#opening;
    if (this.#handingOn !== undefined) await atMost(closeWithinMs, this.#handingOn);
    this.#states.set('closed', 'closed');
    const commands = await this.#commands?.catch(() => undefined);
    await Promise.all([this.#subscriber?.close(), commands?.close()]);
  }

  async #open(): Promise<void> {
    const { redis, channel } = this.#options;
    const nodes = redis.servers.kind === 'cluster' ? new RedisNodes(redis.servers.nodes) : undefined;
    const prepare = async (client: Redis) => void (await client.subscribe(channel));
    const subscriber = await openRedisServer({ ...redis, nodes, prepare });
    this.#subscriber = subscriber;
    subscriber.client.on('messageBuffer', (_channel: Buffer, body: Buffer) => this.#onMessage(body));
    subscriber.onState((state, failure) => {
      if (this.#closing.signal.aborted) return;
      if (state === 'ready') this.#states.set('reading');
      else if (state === 'failing') this.#states.set('failing', `Redis at ${whereIsRedis(redis)}: ${failure}`);
    });
  }

  /** At once, whatever else is under way: Redis ends a subscription that is not read. */
  #onMessage(body: Buffer): void {
    if (this.#closing.signal.aborted) return;
    if (!this.#heard.put(body)) this.#overflowed += 1;
    this.#handingOn ??= this.#handOn().finally(() => {
      this.#handingOn = undefined;
    });
  }

  async #handOn(): Promise<void> {
    const { maxBatchRecords, maxBatchBytes } = this.#options;
    const { signal } = this.#closing;
    // What came with it is one batch.
    await new Promise(setImmediate);
    while (!this.#heard.isEmpty && !signal.aborted) {
      const some = this.#heard.takeSome(maxBatchRecords, maxBatchBytes);
      const batch = some.map((body): QueueRecord => ({ id: undefined, body }));
      const verdicts = await giveUntilTaken(batch, { take: this.#takeBatch, signal });
      if (verdicts !== undefined) await this.#parking.park(poisonIn(batch, verdicts), signal);
    }
  }

  readonly #takeBatch: TakeBatch = async (batch) => (await this.#take?.(batch)) ?? [];

  async #park(poison: readonly Poison<QueueRecord>[]): Promise<void> {
    const { redis, door, channel } = this.#options;
    // Nobody would close it.
    if (this.#states.state === 'closed') throw new Error('closed');
    this.#commands ??= openRedis(redis);
    const { client } = await this.#commands;
    const letters = poison.map(({ record: { body }, reason }) => ({
      ...{ reason, door, source: channel, fields: [Buffer.from('data'), body] },
      digest: createHash('sha256').update(body).digest('base64url'),
    }));
    await Promise.all(letters.map((letter) => parkDeadLetterOnce(client, letter)));
  }
}
