import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { reasonOf } from '../../../backends/rabbitmq.ts';
import type { QueueRecord } from '../source.ts';

export interface RabbitRecord extends QueueRecord {
  readonly message: ConsumeMessage;
}

export interface RabbitConsumerOptions {
  readonly queue: string;
  /** Who it is in the server's lists. */
  readonly tag: string;
  /** No other may consume beside it. */
  readonly exclusive: boolean;
  /** Messages that may have come and not be acknowledged. */
  readonly prefetch: number;
}

const batchRecords = 1000;
const batchBytes = 8 * 1024 * 1024;

/** A consumer on a channel of its own, and what has come for it. Not used again once it has ended. */
export class RabbitConsumer {
  readonly #options: RabbitConsumerOptions;
  readonly #channel: Channel;
  readonly #gone = new AbortController();
  #waiting: RabbitRecord[] = [];
  #isDelivering = true;
  #wake: (() => void) | undefined;
  #prefetch: number;
  #reason: string | undefined;
  /** Came before, to us or to another. */
  redelivered = 0;
  /** The server has ended it, as when its queue was deleted. */
  isCancelled = false;

  /** Rejects, with the server's code, where it may not consume. */
  static async open(connection: ChannelModel, options: RabbitConsumerOptions): Promise<RabbitConsumer> {
    const consumer = new RabbitConsumer(await connection.createChannel(), options);
    try {
      await consumer.consume(options.prefetch);
    } catch (error) {
      await consumer.close();
      throw error;
    }
    return consumer;
  }

  private constructor(channel: Channel, options: RabbitConsumerOptions) {
    this.#channel = channel;
    this.#options = options;
    this.#prefetch = options.prefetch;
    // Without a listener an error would end the process.
    channel.on('error', (error) => {
      this.#reason = reasonOf(error);
    });
    channel.on('close', () => this.#end());
  }

  /** Aborted when nothing that has come can be acknowledged any more: the server gives it again. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Why the server closed the channel. */
  get reason(): string | undefined {
    return this.#reason;
  }

  get prefetch(): number {
    return this.#prefetch;
  }

  /** Came, and was not asked for yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** To be called again after `cancel` only. */
  async consume(prefetch: number): Promise<void> {
    const { queue, tag, exclusive } = this.#options;
    this.#prefetch = prefetch;
    this.#isDelivering = true;
    await this.#channel.prefetch(prefetch);
    await this.#channel.consume(queue, (message) => this.#onMessage(message), { exclusive, consumerTag: tag });
  }

  /** Nothing more comes; what has come waits, and may be acknowledged. */
  async cancel(): Promise<void> {
    await this.#channel.cancel(this.#options.tag).catch(() => {});
    this.#stopDelivering();
  }

  /** What has come, as soon as there is something; undefined: nothing waits and nothing more will come. */
  async next(): Promise<RabbitRecord[] | undefined> {
    while (this.#waiting.length === 0) {
      if (!this.#isDelivering || this.gone.aborted) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    let count = 0;
    let bytes = 0;
    for (const { body } of this.#waiting) {
      bytes += body.length;
      if (count === batchRecords || (count > 0 && bytes > batchBytes)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** Of this one and all that came before it. */
  acknowledge({ message }: RabbitRecord): void {
    if (this.gone.aborted) return;
    try {
      this.#channel.ack(message, true);
    } catch {
      // It is closing: what was not acknowledged comes again.
    }
  }

  /** Resolves once the server has answered on this channel: it is still ours. */
  async prove(): Promise<void> {
    await this.#channel.checkQueue(this.#options.queue).catch(() => {});
  }

  /** What was not acknowledged goes back to where it was in the queue. */
  async close(): Promise<void> {
    await this.#channel.close().catch(() => {});
    this.#end();
  }

  #onMessage(message: ConsumeMessage | null): void {
    if (message === null) {
      this.isCancelled = true;
      this.#stopDelivering();
      return;
    }
    if (message.fields.redelivered) this.redelivered += 1;
    this.#waiting.push(recordOf(message));
    this.#wake?.();
  }

  #stopDelivering(): void {
    this.#isDelivering = false;
    this.#wake?.();
  }

  #end(): void {
    this.#waiting = [];
    this.#gone.abort();
    this.#wake?.();
  }
}

function recordOf(message: ConsumeMessage): RabbitRecord {
  const { content, properties } = message;
  const messageId: unknown = properties.messageId;
  const id = typeof messageId === 'string' && messageId !== '' ? messageId : undefined;
  const { headers = {} } = properties;
  const system = headerText(headers['system']);
  const idempotencyKey = headerText(headers['idempotencyKey']);
  if (system === undefined && idempotencyKey === undefined) return { id, body: content, message };
  return {
    id,
    body: content,
    headers: {
      ...(system === undefined ? {} : { system }),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    },
    message,
  };
}

/** Some clients send text as bytes. */
function headerText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString() : undefined;
}
