import { setTimeout as pause } from 'node:timers/promises';
import { openRedis } from '../../../backends/redis.ts';
import type { RedisLink } from '../../../backends/redis-link.ts';
import { type RedisOptions, whereIsRedis } from '../../../backends/redis-options.ts';
import type { RedisClient } from '../../../backends/redis-script.ts';
import { atMost } from '../../../util/at-most.ts';
import { backOffMs } from '../../../util/back-off.ts';
import type { Source, SourceStatus, TakeBatch } from '../source.ts';
import { every } from './every.ts';
import { Parking, type Poison } from './parking.ts';
import { parkDeadLetter } from './redis-dead-letters.ts';
import { SourceStates } from './source-state.ts';
import type { StreamRecord } from './stream-entry.ts';
import { declareGroup } from './stream-group.ts';
import { StreamLease } from './stream-lease.ts';
import { type StreamCounts, StreamReader } from './stream-reader.ts';
import { acknowledge, reign } from './stream-reign.ts';

export interface StreamSourceOptions {
  readonly redis: RedisOptions;
  /** Made where it is missing, with its group. What is poison goes to the stream `<stream>.dead`. */
  readonly stream: string;
  /** Shared by all nodes, one of which reads. A new group begins with the first entry that is there. */
  readonly group: string;
  /** The name of this reader in the group: the id of the node. */
  readonly consumer: string;
  /** The door's name, which is written beside what is parked. */
  readonly door: string;
  /** After so long without a sign of the node that reads another takes over. Default 5000. */
  readonly leaseMs?: number;
  /** How often one that stands by tries to be the one that reads. Default 500. */
  readonly standbyTryMs?: number;
  /** How often Redis is asked how much waits. Default 3000. */
  readonly lagEveryMs?: number;
  /** Default 512. */
  readonly maxBatchRecords?: number;
  /** Of bodies that are read at once, about. Default 1 MiB. */
  readonly maxBatchBytes?: number;
  /** After it what cannot be parked is written into the log. Default 10,000. */
  readonly parkWithinMs?: number;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
}

const defaults = {
  leaseMs: 5000,
  standbyTryMs: 500,
  lagEveryMs: 3000,
  maxBatchRecords: 512,
  maxBatchBytes: 1024 * 1024,
  parkWithinMs: 10_000,
};
const closeWithinMs = 2000;
const backOff = { firstMs: 200, mostMs: 2000 };

/**
 * A Redis Stream, read by one node of those that share a group, which holds a lease on that in Redis. Who takes over hands on what is pending of anybody first. What was
 * handed on while Redis was away is acknowledged when it is back, before anything is read. Needs Redis 6.2.
 */
export function createStreamSource(options: StreamSourceOptions): Source {
  return new StreamSource({ ...defaults, ...options });
}

interface Links {
  /** Everything but waiting. */
  readonly commands: RedisLink<RedisClient>;
  readonly waiting: RedisLink<RedisClient>;
}

class StreamSource implements Source {
  readonly kind = 'stream';
  readonly #options: typeof defaults & StreamSourceOptions;
  readonly #states = new SourceStates();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;
  readonly #counts: StreamCounts = { redelivered: 0, gaps: 0 };
  readonly #due: string[] = [];
  #links: Links | undefined;
  #running: Promise<void> | undefined;
  #lease: StreamLease | undefined;
  #parking: Parking<StreamRecord> | undefined;
  #lag: number | undefined;
  /** That a group which is missing is one that has gone. */
  #hasRead = false;

  constructor(options: typeof defaults & StreamSourceOptions) {
    this.#options = options;
  }

  get status(): SourceStatus {
    const { state, failure } = this.#states;
    const figures = { ...this.#counts, reconnects: this.#links?.commands.outages ?? 0, ...this.#parking?.figures() };
    return { state, failure, lag: state === 'reading' ? this.#lag : undefined, figures };
  }

  onState(listener: () => void): void {
    this.#states.onState(listener);
  }

  start(take: TakeBatch): void {
    if (this.#running !== undefined || this.#closing.signal.aborted) throw new Error('the source was started before');
    this.#running = this.#run(take);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    if (this.#running !== undefined) await atMost(closeWithinMs, this.#running);
    await this.#lease?.release().catch(() => {});
    this.#states.set('closed', 'closed');
    await Promise.all([this.#links?.commands.close(), this.#links?.waiting.close()]);
  }

  async #run(take: TakeBatch): Promise<void> {
    const { signal } = this.#closing;
    const links = await this.#open();
    let failures = 0;
    while (!signal.aborted) {
      if (!(await isReady(links.commands, signal))) return;
      const since = performance.now();
      try {
        await this.#readOnce(links, take);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures = performance.now() - since > 5000 ? 1 : failures + 1;
        // Deleted under its readers: declared anew.
        if (!/NOGROUP/.test((error as Error).message)) this.#fail(links.commands.reasonOf(error as Error));
        await wait(backOffMs(Math.min(failures, 16), backOff), signal);
      }
    }
  }

  async #open(): Promise<Links> {
    const { redis } = this.#options;
    const links = { commands: await openRedis(redis), waiting: await openRedis(redis) };
    this.#links = links;
    const { commands } = links;
    commands.onState((state, failure) => {
      if (state === 'failing') this.#fail(failure ?? 'lost');
    });
    if (this.#closing.signal.aborted) await Promise.all([commands.close(), links.waiting.close()]);
    this.#lease = new StreamLease({ ...this.#options, client: commands.client });
    this.#parking = new Parking<StreamRecord>({
      door: this.#options.door,
      send: (poison) => this.#park(poison),
      isWorking: () => commands.state === 'ready',
      withinMs: this.#options.parkWithinMs,
      warn: this.#options.warn,
    });
    return links;
  }

  #fail(reason: string): void {
    this.#states.set('failing', this.#inWords(reason));
  }

  #inWords(reason: string): string {
    const { redis, stream } = this.#options;
    const where = `Redis at ${whereIsRedis(redis)}`;
    if (/WRONGTYPE/.test(reason)) return `the key ${stream} of ${where} is not a stream: remove it, or name another`;
    if (/unknown.*command/i.test(reason)) return `${where} is older than 6.2, which a stream needs: ${reason}`;
    return `${where}: ${reason}`;
  }

  /** Stands by, and reads until the lease or Redis is lost. */
  async #readOnce({ commands, waiting }: Links, take: TakeBatch): Promise<void> {
    const [lease, parking] = [this.#lease, this.#parking];
    if (lease === undefined || parking === undefined) return;
    const { client } = commands;
    const lost = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, lost.signal]);
    const stop = commands.onState((state) => state !== 'ready' && lost.abort());
    const options = { ...this.#options, client, lease, due: this.#due };
    try {
      await acknowledge(options);
      while (!signal.aborted && !(await lease.claim())) {
        this.#states.set('standby');
        await wait(this.#options.standbyTryMs, signal);
      }
      if (signal.aborted) return;
      if ((await declareGroup(client, this.#options)) && this.#hasRead) this.#counts.gaps += 1;
      this.#hasRead = true;
      const blockMs = Math.ceil(Math.min(1000, this.#options.redis.timeoutMs / 2));
      const reader = new StreamReader({ ...options, waiting, blockMs }, this.#counts);
      // Not every user of Redis may ask for it.
      const askLag = () => this.#askLag(reader).catch(() => {});
      await askLag();
      this.#states.set('reading');
      every(this.#options.lagEveryMs, askLag, signal);
      const parts = {
        take,
        next: (over: AbortSignal) => reader.next(over),
        park: (poison: readonly Poison<StreamRecord>[], over: AbortSignal) => parking.park(poison, over),
      };
      await reign({ ...options, ...parts }, signal);
    } finally {
      stop();
      lost.abort();
    }
  }

  async #askLag(reader: StreamReader): Promise<void> {
    this.#lag = await reader.lag();
  }

  async #park(poison: readonly Poison<StreamRecord>[]): Promise<void> {
    const { door, stream } = this.#options;
    const client = this.#links?.commands.client;
    if (client === undefined) return;
    const letters = poison.map(({ record: { id, fields }, reason }) => ({ reason, door, source: stream, id, fields }));
    await Promise.all(letters.map((letter) => parkDeadLetter(client, letter)));
  }
}

/** Waits for it. Not: it was aborted. */
async function isReady(link: RedisLink<RedisClient>, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted && link.state !== 'ready') {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const stop = link.onState(resolve);
    signal.addEventListener('abort', resolve, { once: true });
    await promise;
    signal.removeEventListener('abort', resolve);
    stop();
  }
  return !signal.aborted;
}

const wait = (ms: number, signal: AbortSignal): Promise<void> => pause(ms, undefined, { signal }).catch(() => {});
