import type { ChannelModel, ConfirmChannel, Message } from 'amqplib';
import { RabbitLink, type RabbitTls, reasonOf } from '../../backends/rabbitmq.ts';
import { createConfirmChannel, RabbitChannel } from '../../backends/rabbitmq-channel.ts';
import { findExchange, findQueue } from '../../backends/rabbitmq-queue.ts';
import { within } from '../../util/within.ts';
import type { Sink, SinkRecord, SinkStatus } from '../sink.ts';

/** A queue is declared as `durable` where it is missing; one that is there is used as it is. An exchange has to be there. */
export type RabbitPlace = { readonly queue: string } | { readonly exchange: string; readonly routingKey: string };

export interface RabbitSinkOptions {
  /** `amqp:` or `amqps:`, with user, password and virtual host where they are needed. */
  readonly url: string;
  readonly tls?: RabbitTls | undefined;
  readonly to: RabbitPlace;
  /** What the server's lists call the connection, such as the id of the node. */
  readonly clientId: string;
  /** Default 10. */
  readonly heartbeatSeconds?: number;
  /** After it `send` rejects. Default 5000. */
  readonly timeoutMs?: number;
  /** Of what `send` was given and is not confirmed; beyond it `send` rejects. Default 16 MiB. */
  readonly maxWaitingBytes?: number;
}

/** Publishes persistent messages with confirms; `message-id` is the record's id. What no queue takes is a failure, though RabbitMQ confirms it. */
export function createRabbitSink(options: RabbitSinkOptions): Sink {
  return new RabbitSink(options);
}

class RabbitSink implements Sink {
  readonly kind = 'rabbitmq';
  readonly #options: RabbitSinkOptions;
  readonly #link: RabbitLink;
  readonly #channel: RabbitChannel<ConfirmChannel>;
  readonly #listeners: (() => void)[] = [];
  #current: ConfirmChannel | undefined;
  /** Ids of what came back, until its confirmation comes, which is next, or its channel ends. */
  readonly #returned = new Set<string>();
  #waitingBytes = 0;

  constructor(options: RabbitSinkOptions) {
    this.#options = options;
    const { url, tls, clientId, heartbeatSeconds = 10, to } = options;
    let connection: ChannelModel;
    this.#channel = new RabbitChannel({
      create: createConfirmChannel,
      setup: async (channel) => {
        await ('queue' in to ? findQueue(connection, to.queue) : findExchange(connection, to.exchange));
        this.#use(channel);
      },
      onChange: () => this.#tell(),
    });
    const setup = (next: ChannelModel) => {
      connection = next;
      return this.#channel.open(next);
    };
    this.#link = new RabbitLink({ url, tls, name: clientId, heartbeatSeconds, setup });
    this.#link.onState(() => this.#tell());
  }

  get status(): SinkStatus {
    const { state, failure } = this.#link;
    if (state !== 'ready') return { state, failure: `RabbitMQ: ${failure}` };
    const reason = this.#channel.failure;
    return reason === undefined ? { state, failure: undefined } : { state: 'failing', failure: `RabbitMQ: ${reason}` };
  }

  onState(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async send(records: readonly SinkRecord[]): Promise<void> {
    const { timeoutMs = 5000, maxWaitingBytes = 16 * 1024 * 1024 } = this.#options;
    if (this.#waitingBytes > maxWaitingBytes) throw new Error('too much waits to be confirmed by RabbitMQ');
    const late = () => new Error(this.status.failure ?? `RabbitMQ has not confirmed it within ${timeoutMs} ms`);
    await within(timeoutMs, this.#publish(records), late);
  }

  async close(): Promise<void> {
    this.#channel.stop();
    await this.#link.close();
  }

  async #publish(records: readonly SinkRecord[]): Promise<void> {
    await this.#link.settled();
    const channel = this.#current;
    const { failure } = this.status;
    if (failure !== undefined || channel === undefined) throw new Error(failure ?? 'RabbitMQ: no channel');
    await Promise.all(records.map((record) => this.#publishOne(channel, record)));
  }

  #publishOne(channel: ConfirmChannel, { id, body, key }: SinkRecord): Promise<void> {
    const { to } = this.#options;
    const [exchange, routingKey] = 'queue' in to ? ['', to.queue] : [to.exchange, to.routingKey];
    const content = Buffer.from(body);
    const properties = {
      messageId: id,
      mandatory: true,
      persistent: true,
      contentType: 'application/json',
      headers: { key },
    };
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waitingBytes += content.length;
    const onConfirm = (error: unknown) => {
      this.#waitingBytes -= content.length;
      if (this.#returned.delete(id)) reject(new Error(`RabbitMQ: ${unroutable(to)}`));
      else if (error) reject(new Error(`RabbitMQ: ${reasonOf(error)}`));
      else resolve();
    };
    try {
      channel.publish(exchange, routingKey, content, properties, onConfirm);
    } catch (error) {
      onConfirm(error);
    }
    return promise;
  }

  #use(channel: ConfirmChannel): void {
    this.#current = channel;
    this.#returned.clear();
    channel.on('return', ({ properties }: Message) => {
      this.#returned.add(String(properties.messageId));
      // The queue was deleted; the next channel declares it.
      if ('queue' in this.#options.to) void this.#channel.rebuild();
    });
    channel.on('close', () => {
      if (this.#current === channel) this.#current = undefined;
    });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function unroutable(to: RabbitPlace): string {
  if ('queue' in to) return `the queue ${to.queue} is not there any more`;
  return `the exchange ${to.exchange} has no queue bound for the routing key "${to.routingKey}"`;
}
