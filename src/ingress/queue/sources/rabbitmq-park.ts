import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { RabbitLink, type RabbitTls } from '../../../backends/rabbitmq.ts';
import { createConfirmChannel, RabbitChannel } from '../../../backends/rabbitmq-channel.ts';
import { findQueue } from '../../../backends/rabbitmq-queue.ts';
import { within } from '../../../util/within.ts';
import type { Poison } from './parking.ts';
import type { RabbitRecord } from './rabbitmq-consumer.ts';
import { propertiesAgain } from './rabbitmq-letter.ts';

export interface RabbitParkOptions {
  readonly url: string;
  readonly tls?: RabbitTls | undefined;
  readonly heartbeatSeconds: number;
  /** Where it came from; the dead letters are in `<queue>.dead`. */
  readonly queue: string;
  readonly door: string;
  readonly clientId: string;
}

const confirmWithinMs = 3000;
const longestReason = 1000;

/**
 * Publishes what is poison to `<queue>.dead`, durable, with confirms, on a connection of its own: a server in need of memory or disk stops reading
 * from those that publish, and must go on reading acknowledgements. It connects with the first record.
 */
export class RabbitPark {
  readonly #options: RabbitParkOptions;
  readonly #queue: string;
  #link: RabbitLink | undefined;
  #current: ConfirmChannel | undefined;
  #isReturned = false;
  #connection: ChannelModel | undefined;
  readonly #channel = new RabbitChannel<ConfirmChannel>({
    create: createConfirmChannel,
    setup: (channel) => this.#setUp(channel),
    onChange: () => {},
  });

  constructor(options: RabbitParkOptions) {
    this.#options = options;
    this.#queue = `${options.queue}.dead`;
  }

  /** Resolves once the server has confirmed that all of it is in the queue of dead letters. One call at a time. */
  async send(poison: readonly Poison<RabbitRecord>[]): Promise<void> {
    this.#link ??= this.#connect();
    await within(confirmWithinMs, this.#link.settled(), () => new Error('RabbitMQ does not answer'));
    const channel = this.#current;
    if (channel === undefined) throw new Error(this.#link.failure ?? this.#channel.failure ?? 'there is no channel');
    this.#isReturned = false;
    const confirmed = Promise.all(poison.map((one) => this.#publish(channel, one)));
    // One that is late fails with nobody waiting for it.
    confirmed.catch(() => {});
    try {
      const late = () => new Error(this.#link?.failure ?? 'RabbitMQ has not confirmed it so far');
      await within(confirmWithinMs, confirmed, late);
      // What no queue takes comes back, and is confirmed after that.
      if (this.#isReturned) throw new Error(`there is no queue ${this.#queue}`);
    } catch (error) {
      // The next channel declares the queue again, where it is gone.
      void this.#channel.rebuild();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#channel.stop();
    await this.#link?.close();
  }

  #publish(channel: ConfirmChannel, { record, reason }: Poison<RabbitRecord>): Promise<void> {
    const { door, queue } = this.#options;
    const { headers: own, ...properties } = propertiesAgain(record.message.properties);
    const headers = {
      ...own,
      reason: reason.slice(0, longestReason),
      door,
      queue,
      time: new Date().toISOString(),
      ...(record.id === undefined ? {} : { messageId: record.id }),
    };
    const options = { ...properties, headers, persistent: true, mandatory: true };
    return new Promise((resolve, reject) => {
      channel.publish('', this.#queue, record.body, options, (error: unknown) => {
        if (error) reject(error instanceof Error ? error : new Error('RabbitMQ refused it'));
        else resolve();
      });
    });
  }

  #connect(): RabbitLink {
    const { url, tls, heartbeatSeconds, clientId, door } = this.#options;
    return new RabbitLink({
      url,
      tls,
      heartbeatSeconds,
      name: `yunque ${clientId} dead letters of ${door}`,
      setup: (connection) => {
        this.#connection = connection;
        return this.#channel.open(connection);
      },
    });
  }

  async #setUp(channel: ConfirmChannel): Promise<void> {
    await findQueue(this.#connection as ChannelModel, this.#queue);
    channel.on('return', () => {
      if (this.#current === channel) this.#isReturned = true;
    });
    channel.on('close', () => {
      if (this.#current === channel) this.#current = undefined;
    });
    this.#current = channel;
  }
}
