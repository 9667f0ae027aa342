import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { reasonOf } from '../../../backends/rabbitmq.ts';
import { unreadableHeaders } from '../../../backends/rabbitmq-frames.ts';
import { atMost } from '../../../util/at-most.ts';
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

const closeWithinMs = 1000;
const proveWithinMs = 5000;
const batchRecords = 1000;
const batchBytes = 8 * 1024 * 1024;

/** A consumer on a channel of its own, and what has come for it. Not used again once it has ended. */
export class RabbitConsumer {
  readonly #options: RabbitConsumerOptions;
  readonly #channel: Channel;
  readonly #gone = new AbortController();
  #waiting: RabbitRecord[] = [];
  #isOver = false;
  #isInDoubt = false;
  #wake: (() => void) | undefined;
  #reason: string | undefined;
  /** Came before, to us or to another. */
  redelivered = 0;
  /** The server has ended it, as when its queue was deleted. */
  isCancelled = false;

  /** Rejects, with the server's code, where it may not consume. */
  static async open(connection: ChannelModel, options: RabbitConsumerOptions): Promise<RabbitConsumer> {
    const { queue, tag, exclusive, prefetch } = options;
    const channel = await connection.createChannel();
    const consumer = new RabbitConsumer(channel, options);
    try {
      await channel.prefetch(prefetch);
      await channel.consume(queue, (message) => consumer.#onMessage(message), { exclusive, consumerTag: tag });
    } catch (error) {
      await consumer.close();
      throw error;
    }
    return consumer;
  }

  private constructor(channel: Channel, options: RabbitConsumerOptions) {
    this.#channel = channel;
    this.#options = options;
    // Without a listener an error would end the process.
    channel.on('error', (error) => {
      this.#reason = reasonOf(error);
    });
    channel.on('close', () => this.#onGone());
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
    return this.#options.prefetch;
  }

  /** Came, and was not asked for yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Waits for nothing more. It goes on being the one that reads until it is closed, so that nobody is given what lies behind messages that go back then. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  /** What has come, as soon as there is something; undefined: nothing waits and nothing more will come. */
  async next(): Promise<RabbitRecord[] | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#isOver || this.gone.aborted) return undefined;
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

  /** It may be another that reads by now. */
  doubt(): void {
    this.#isInDoubt = true;
  }

  /** Where that is in doubt: whether the server has answered on this channel, so that it is still ours. Within 5 s. */
  async isProven(): Promise<boolean> {
    if (!this.#isInDoubt) return true;
    const ask = async () => {
      await this.#channel.checkQueue(this.#options.queue);
      this.#isInDoubt = false;
    };
    await atMost(proveWithinMs, settled(ask));
    return !this.#isInDoubt;
  }

  /** What was not acknowledged goes back to where it was in the queue. */
  async close(): Promise<void> {
    // Of a connection that is going an answer may never come.
    if (!this.gone.aborted)
      await atMost(
        closeWithinMs,
        settled(() => this.#channel.close()),
      );
    this.#onGone();
  }

  #onMessage(message: ConsumeMessage | null): void {
    if (message === null) {
      this.isCancelled = true;
      this.end();
      return;
    }
    if (message.fields.redelivered) this.redelivered += 1;
    this.#waiting.push(recordOf(message));
    this.#wake?.();
  }

  #onGone(): void {
    this.#waiting = [];
    this.#gone.abort();
    this.#wake?.();
  }
}

/** Also where it throws at once. */
async function settled(ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch {
    // The channel is closed: `gone` says so.
  }
}

function recordOf(message: ConsumeMessage): RabbitRecord {
  const { content, properties } = message;
  const messageId: unknown = properties.messageId;
  const id = typeof messageId === 'string' && messageId !== '' ? messageId : undefined;
  const { headers = {} } = properties;
  if (unreadableHeaders in headers) return { id, body: content, message, defect: 'its headers cannot be read' };
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

/** Some clients send text as bytes. What is neither is not taken for nothing: a system that is a number is that system. */
function headerText(value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  return Buffer.isBuffer(value) ? value.toString() : JSON.stringify(value);
}
