import { setTimeout as pause } from 'node:timers/promises';
import type { ChannelModel } from 'amqplib';
import { RabbitLink, type RabbitTls, reasonOf } from '../../../backends/rabbitmq.ts';
import { codeOf, findQueue, replies } from '../../../backends/rabbitmq-queue.ts';
import { atMost } from '../../../util/at-most.ts';
import type { Source, SourceStatus, TakeBatch } from '../source.ts';
import { every } from './every.ts';
import { Parking, poisonIn } from './parking.ts';
import { RabbitConsumer, type RabbitRecord } from './rabbitmq-consumer.ts';
import { RabbitPark } from './rabbitmq-park.ts';
import { SourceStates } from './source-state.ts';
import { StallWatch } from './stall-watch.ts';
import { giveUntilTaken } from './until-taken.ts';

export interface RabbitSourceOptions {
  /** `amqp:` or `amqps:`, with user, password and virtual host where they are needed. */
  readonly url: string;
  readonly tls?: RabbitTls | undefined;
  /** Declared plainly, as `durable`, where it is missing; one that is there is used as it is. What is poison goes to `<queue>.dead`. */
  readonly queue: string;
  /** The door's name, which is written beside what is parked. */
  readonly door: string;
  /** What the server's lists call the connections and the consumer, such as the id of the node. */
  readonly clientId: string;
  /** Default 10. */
  readonly heartbeatSeconds?: number;
  /** How often one that stands by tries to be the one that reads. Default 1000. */
  readonly standbyTryMs?: number;
  /** How often the server is asked how much waits. Default 3000. */
  readonly lagEveryMs?: number;
  /** After it what cannot be parked is written into the log. Default 10,000. */
  readonly parkWithinMs?: number;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
}

/**
 * A queue that one node at a time reads, as its exclusive consumer, so that the order of the queue is the order of the pushes; the others stand by.
 *
 * At least once: what was handed on and not acknowledged when the connection went comes again, to whoever reads then. It is known again by its
 * AMQP message-id, where it has one.
 */
export function createRabbitSource(options: RabbitSourceOptions): Source {
  return new RabbitSource(options);
}

const closeWithinMs = 2000;
const prefetch = { first: 100, fewest: 10, most: 2000 };
/** What may have come and not be acknowledged, as far as the size of the messages before tells. */
const aimedBytes = 32 * 1024 * 1024;
/** So often refused in a row while nobody reads: the queue was declared for a single active consumer, which excludes the others as well. */
const refusalsOfNobody = 3;

class RabbitSource implements Source {
  readonly kind = 'rabbitmq';
  readonly #options: RabbitSourceOptions;
  readonly #states = new SourceStates();
  readonly #closing = new AbortController();
  readonly #park: RabbitPark;
  readonly #parking: Parking<RabbitRecord>;
  readonly #stalls: StallWatch;
  #take: TakeBatch | undefined;
  #link: RabbitLink | undefined;
  #consumer: RabbitConsumer | undefined;
  #run: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;
  #prefetch = prefetch.first;
  /** What waits in the queue, without what has come here. */
  #ready: number | undefined;
  #underWay = 0;
  #refusals = 0;
  readonly #counts = { redelivered: 0, cancelled: 0, channels_rebuilt: 0 };

  constructor(options: RabbitSourceOptions) {
    this.#options = options;
    const { heartbeatSeconds = 10, parkWithinMs: withinMs = 10_000, door, warn } = options;
    this.#park = new RabbitPark({ ...options, heartbeatSeconds });
    this.#parking = new Parking({
      door,
      withinMs,
      warn,
      send: (poison) => this.#park.send(poison),
      isWorking: () => this.#consumer?.gone.aborted === false,
    });
    // A server gives up who was silent for two heartbeats, at the earliest.
    this.#stalls = new StallWatch(heartbeatSeconds * 1000);
  }

  get status(): SourceStatus {
    const { state, failure } = this.#states;
    const here = (this.#consumer?.waiting ?? 0) + this.#underWay;
    const reconnects = Math.max(0, (this.#link?.attempts ?? 0) - 1);
    const redelivered = this.#counts.redelivered + (this.#consumer?.redelivered ?? 0);
    return {
      state,
      failure,
      lag: this.#ready === undefined ? undefined : this.#ready + here,
      figures: { ...this.#counts, redelivered, reconnects, ...this.#parking.figures() },
    };
  }

  onState(listener: () => void): void {
    this.#states.onState(listener);
  }

  start(take: TakeBatch): void {
    const { url, tls, door, clientId, heartbeatSeconds = 10 } = this.#options;
    this.#take = take;
    const link = new RabbitLink({
      url,
      tls,
      heartbeatSeconds,
      name: `yunque ${clientId} door ${door}`,
      setup: async (connection) => this.#use(connection),
    });
    link.onState((state, failure) => {
      if (state === 'failing') this.#states.set('failing', failure);
    });
    this.#link = link;
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#closing.abort();
    this.#consumer?.end();
    await atMost(closeWithinMs, this.#run);
    this.#stalls.close();
    await Promise.all([this.#link?.close(), this.#park.close()]);
    this.#states.set('closed', 'closed');
  }

  /** One batch is under way at a time: what is read on a new connection waits for what the last one gave. */
  #use(connection: ChannelModel): void {
    const lost = new AbortController();
    connection.on('close', () => lost.abort());
    const stop = AbortSignal.any([lost.signal, this.#closing.signal]);
    this.#run = this.#run.then(() => this.#readUntil(stop, connection));
  }

  async #readUntil(stop: AbortSignal, connection: ChannelModel): Promise<void> {
    const { standbyTryMs = 1000 } = this.#options;
    while (!stop.aborted) {
      let hasRead = false;
      try {
        hasRead = await this.#readOnce(connection, stop);
      } catch (error) {
        if (!stop.aborted) this.#states.set('failing', reasonOf(error));
      }
      // A queue that was deleted, or a channel that was closed, is had again at once.
      if (!hasRead && !stop.aborted) await pause(standbyTryMs, undefined, { signal: stop }).catch(() => {});
    }
  }

  /** Resolves with whether it was read from for a while; rejects with why it cannot be. */
  async #readOnce(connection: ChannelModel, stop: AbortSignal): Promise<boolean> {
    const { queue, clientId, door, standbyTryMs = 1000, lagEveryMs = 3000 } = this.#options;
    const { messageCount, consumerCount } = await findQueue(connection, queue);
    this.#ready = messageCount;
    if (consumerCount > 0) {
      this.#refusals = 0;
      this.#states.set('standby');
      return false;
    }
    const exclusive = this.#refusals < refusalsOfNobody;
    try {
      const tag = `yunque ${clientId} ${door}`;
      this.#consumer = await RabbitConsumer.open(connection, { queue, tag, exclusive, prefetch: this.#prefetch });
    } catch (error) {
      if (codeOf(error) !== replies.accessRefused || !reasonOf(error).includes('exclusive')) throw error;
      this.#refusals += 1;
      this.#states.set('standby');
      return false;
    }
    this.#states.set('reading');
    const since = performance.now();
    // One that is never done with its batch is not waited for by this.
    const over = new AbortController();
    every(lagEveryMs, () => void this.#askLag(connection), AbortSignal.any([stop, over.signal]));
    try {
      const isToChange = await this.#readFrom(this.#consumer, stop);
      if (stop.aborted || isToChange) return true;
      this.#counts.channels_rebuilt += 1;
      const { isCancelled, reason = 'the channel was closed' } = this.#consumer;
      this.#states.set('failing', isCancelled ? 'the server has ended the consumer: was the queue deleted?' : reason);
      return performance.now() - since > standbyTryMs;
    } finally {
      over.abort();
      this.#counts.redelivered += this.#consumer.redelivered;
      const consumer = this.#consumer;
      this.#consumer = undefined;
      await consumer.close();
    }
  }

  /** Until the consumer has ended, or another is to take its place, with which more or less may come. Resolves with whether it is. */
  async #readFrom(consumer: RabbitConsumer, stop: AbortSignal): Promise<boolean> {
    const signal = AbortSignal.any([stop, consumer.gone]);
    while (!signal.aborted) {
      const batch = await consumer.next();
      if (signal.aborted) break;
      if (batch === undefined) {
        this.#counts.cancelled += 1;
        break;
      }
      this.#underWay = batch.length;
      const isDone = await this.#handOn(batch, consumer, signal);
      this.#underWay = 0;
      if (!isDone) break;
      consumer.acknowledge(batch.at(-1) as RabbitRecord);
      this.#prefetch = prefetchFor(batch, consumer.prefetch);
      // What has come and was not handed on goes back to its place, so that whoever is faster then finds the queue in its order.
      if (this.#prefetch !== consumer.prefetch) return true;
    }
    return false;
  }

  async #handOn(batch: readonly RabbitRecord[], consumer: RabbitConsumer, signal: AbortSignal): Promise<boolean> {
    const take: TakeBatch = async (records) => {
      // Another may have been given all of it meanwhile.
      if (this.#stalls.hasStalled()) consumer.doubt();
      if (!(await consumer.isProven()) || signal.aborted) throw new Error('it may be read by another');
      return await (this.#take as TakeBatch)(records);
    };
    const verdicts = await giveUntilTaken(batch, { take, signal });
    return verdicts !== undefined && (await this.#parking.park(poisonIn(batch, verdicts), signal));
  }

  async #askLag(connection: ChannelModel): Promise<void> {
    try {
      this.#ready = (await findQueue(connection, this.#options.queue)).messageCount;
    } catch {
      this.#ready = undefined;
    }
  }
}

/** How much may come, as the size of these messages allows; what it is now where that is not far from it, or more would not come. */
function prefetchFor(batch: readonly RabbitRecord[], now: number): number {
  const bytes = batch.reduce((sum, { body }) => sum + body.length, 0);
  const allowed = Math.floor((aimedBytes * batch.length) / Math.max(1, bytes));
  const wanted = Math.min(prefetch.most, Math.max(prefetch.fewest, allowed));
  const isFarAbove = wanted >= 2 * now && batch.length >= now / 2;
  return isFarAbove || wanted <= now / 2 ? wanted : now;
}
