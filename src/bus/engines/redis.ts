import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { RedisLink } from '../../backends/redis-link.ts';
import { type RedisOptions, whereIsRedis } from '../../backends/redis-options.ts';
import type { Bus, BusFigures } from '../bus.ts';
import { BusStatus } from '../bus-status.ts';
import { Inbox } from '../inbox.ts';
import { packs, unpack } from './packing.ts';

export interface RedisBusOptions {
  readonly redis: RedisOptions;
  /** The same on every node of a cluster, and of no other. */
  readonly channel: string;
  /** How many bytes may wait for Redis to take them; more are refused. */
  readonly maxUnconfirmedBytes?: number;
  /** How many bytes that were heard may wait until this node comes to them; more are dropped. */
  readonly maxInboxBytes?: number;
}

interface Waiting {
  readonly bytes: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const mebibyte = 1024 * 1024;
/** How often it is tried whether what this node publishes is heard by it. Two in vain: the subscription is made anew. */
const echoMs = 2000;

/**
 * Redis pub/sub, on one server, behind Sentinels, and in a Redis Cluster. What is broadcast in one turn of the loop is published as
 * one message. At most once: what is published while a node's subscription is away does not reach it.
 *
 * One connection publishes and another is subscribed; each heals by itself (`RedisLink`). A channel that only this node subscribes to
 * shows that the two still meet, whatever the connections look like.
 */
export class RedisBus implements Bus {
  readonly guarantees = { delivery: 'at-most-once', ordered: true } as const;
  readonly #options: RedisBusOptions;
  readonly #echoChannel: string;
  readonly #status = new BusStatus();
  readonly #inbox: Inbox;
  readonly #maxUnconfirmedBytes: number;
  #phase: 'new' | 'starting' | 'started' | 'closed' = 'new';
  #onMessage: (bytes: Buffer) => void = () => {};
  #publisher: RedisLink<Redis> | undefined;
  #subscriber: RedisLink<Redis> | undefined;
  #waiting: Waiting[] = [];
  #unconfirmedBytes = 0;
  readonly #underWay = new Set<Promise<void>>();
  #echoTimer: NodeJS.Timeout | undefined;
  #onEcho: () => void = () => {};
  #published = 0;
  #packs = 0;
  #received = 0;
  #malformed = 0;
  #echoesMissed = 0;

  constructor(options: RedisBusOptions) {
    this.#options = options;
    this.#echoChannel = `${options.channel}:echo:${randomBytes(12).toString('base64url')}`;
    this.#maxUnconfirmedBytes = options.maxUnconfirmedBytes ?? 16 * mebibyte;
    this.#inbox = new Inbox({
      maxBytes: options.maxInboxBytes ?? 32 * mebibyte,
      onMessage: (bytes) => this.#onMessage(bytes),
    });
  }

  get failure(): string | undefined {
    return this.#status.failure;
  }

  onState(listener: (failure: string | undefined) => void): () => void {
    return this.#status.onState(listener);
  }

  async start(onMessage: (bytes: Buffer) => void): Promise<void> {
    if (this.#phase !== 'new') throw new Error('the bus was started or closed before');
    this.#phase = 'starting';
    this.#onMessage = onMessage;
    const { RedisNodes, openRedisServer } = await import('../../backends/redis-server.ts');
    const { redis } = this.#options;
    const nodes = redis.servers.kind === 'cluster' ? new RedisNodes(redis.servers.nodes) : undefined;
    const publisher = await openRedisServer({ ...redis, nodes });
    const prepare = async (client: Redis) => void (await client.subscribe(this.#options.channel, this.#echoChannel));
    const subscriber = await openRedisServer({ ...redis, nodes, prepare });
    subscriber.client.on('messageBuffer', (channel: Buffer, packed: Buffer) => this.#onPack(channel, packed));
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    if (this.#hasClosed()) {
      await this.#closeLinks();
      throw new Error('the bus was closed');
    }
    for (const link of [publisher, subscriber]) link.onState(() => this.#judge());
    await Promise.all([publisher.settled(), subscriber.settled()]);
    if (this.#hasClosed()) throw new Error('the bus was closed');
    this.#phase = 'started';
    this.#judge();
    this.#echoLater();
  }

  broadcast(bytes: Buffer): Promise<void> {
    const { failure } = this;
    if (failure !== undefined) return Promise.reject(new Error(failure));
    if (this.#unconfirmedBytes + bytes.length > this.#maxUnconfirmedBytes) {
      return Promise.reject(new Error(`${this.#unconfirmedBytes} bytes wait for Redis already`));
    }
    this.#unconfirmedBytes += bytes.length;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ bytes, resolve, reject });
    if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    return promise;
  }

  figures(): BusFigures {
    return {
      published: this.#published,
      packs: this.#packs,
      received: this.#received,
      malformed: this.#malformed,
      dropped: this.#inbox.dropped,
      inbox_bytes: this.#inbox.bytes,
      unconfirmed_bytes: this.#unconfirmedBytes,
      echoes_missed: this.#echoesMissed,
      attempts: (this.#publisher?.attempts ?? 0) + (this.#subscriber?.attempts ?? 0),
      outages: (this.#publisher?.outages ?? 0) + (this.#subscriber?.outages ?? 0),
    };
  }

  async close(): Promise<void> {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#status.set('the bus is closed');
    clearTimeout(this.#echoTimer);
    this.#inbox.close();
    this.#flush();
    // What was taken is not thrown away, as long as Redis answers; each command has its timeout.
    await Promise.all(this.#underWay);
    await this.#closeLinks();
  }

  async #closeLinks(): Promise<void> {
    await Promise.all([this.#publisher?.close(), this.#subscriber?.close()]);
  }

  #hasClosed(): boolean {
    return this.#phase === 'closed';
  }

  #judge(): void {
    if (this.#phase !== 'started') return;
    const where = whereIsRedis(this.#options.redis);
    const [publisher, subscriber] = [this.#publisher?.failure, this.#subscriber?.failure];
    if (publisher !== undefined) this.#status.set(`nothing is published on Redis at ${where}: ${publisher}`);
    else if (subscriber !== undefined) this.#status.set(`nothing is heard of Redis at ${where}: ${subscriber}`);
    else this.#status.set(undefined);
  }

  #onPack(channel: Buffer, packed: Buffer): void {
    if (this.#phase !== 'started') return;
    this.#onEcho();
    if (channel.toString() === this.#options.channel) this.#hear(packed);
  }

  #hear(packed: Buffer): void {
    const messages = unpack(packed);
    if (messages === undefined) this.#malformed += 1;
    for (const bytes of messages ?? []) {
      this.#received += 1;
      this.#inbox.put(bytes);
    }
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const publisher = this.#publisher;
    if (waiting.length === 0 || publisher === undefined) return;
    let from = 0;
    for (const { packed, count } of packs(waiting.map(({ bytes }) => bytes))) {
      const part = waiting.slice(from, from + count);
      from += count;
      this.#packs += 1;
      const settled = publisher.client.publish(this.#options.channel, packed).then(
        () => this.#settle(part, undefined),
        (error: Error) => this.#settle(part, new Error(publisher.reasonOf(error), { cause: error })),
      );
      this.#underWay.add(settled);
      settled.finally(() => this.#underWay.delete(settled)).catch(() => {});
    }
  }

  #settle(part: readonly Waiting[], error: Error | undefined): void {
    if (error === undefined) this.#published += part.length;
    for (const { bytes, resolve, reject } of part) {
      this.#unconfirmedBytes -= bytes.length;
      if (error === undefined) resolve();
      else reject(error);
    }
  }

  #echoLater(): void {
    this.#echoTimer = setTimeout(() => {
      this.#echoTwice().then(
        (isHeard) => {
          if (!isHeard) this.#subscriber?.rebuild('what this node publishes is not heard by it');
          if (this.#phase === 'started') this.#echoLater();
        },
        () => {},
      );
    }, echoMs);
  }

  async #echoTwice(): Promise<boolean> {
    return (await this.#echo()) || (await this.#echo());
  }

  /** Whether anything is heard after something was published: a subscription that is behind is not dead. */
  async #echo(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), this.#options.redis.timeoutMs);
    this.#onEcho = () => resolve(true);
    try {
      // Not published, or not subscribed: known by the links themselves.
      if (this.failure !== undefined) return true;
      await this.#publisher?.client.publish(this.#echoChannel, '');
      const isHeard = (await promise) || this.failure !== undefined;
      if (!isHeard) this.#echoesMissed += 1;
      return isHeard;
    } catch {
      return true;
    } finally {
      clearTimeout(timer);
      this.#onEcho = () => {};
    }
  }
}
