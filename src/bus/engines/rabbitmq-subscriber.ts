import type { Channel, ConsumeMessage } from 'amqplib';
import { unpack } from './packing.ts';

export interface RabbitSubscriberOptions {
  readonly exchange: string;
  /** Of this node; it outlives the connection. */
  readonly queue: string;
  /** A queue that nobody reads for so long is deleted. */
  readonly expiresMs: number;
  /** What waits longer in the queue is dropped. */
  readonly messageTtlMs: number;
  /** Beyond it the oldest in the queue is dropped. */
  readonly maxQueueBytes: number;
  /** How often the binding is made anew: an exchange that was deleted takes it with it, and nobody is told. */
  readonly bindEveryMs: number;
  onMessage(message: Buffer): void;
  /** The server has ended the consumer, as when its queue was deleted: a new channel is needed. */
  onCancel(): void;
}

/** What is handed on before an acknowledgement is waited for. */
const prefetch = 500;
/** Publishers whose last sequence is remembered. */
const rememberedOrigins = 1000;

/**
 * Reads this node's queue. A message is acknowledged after it was handed on; one that comes again with a message-id already seen
 * from its publisher (published again, or delivered again after a lost connection) is counted and dropped.
 */
export class RabbitSubscriber {
  readonly #options: RabbitSubscriberOptions;
  /** The last sequence handed on, by publisher; the one heard from last comes last. */
  readonly #lastOf = new Map<string, number>();
  #isStopped = false;
  #channel: Channel | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #counts = { duplicates: 0, redelivered: 0, cancelled: 0, foreign: 0 };

  constructor(options: RabbitSubscriberOptions) {
    this.#options = options;
  }

  /** To be awaited on every new channel. */
  async setup(channel: Channel): Promise<void> {
    const { exchange, queue, expiresMs, messageTtlMs, maxQueueBytes } = this.#options;
    await channel.assertExchange(exchange, 'fanout', { durable: true });
    await channel.assertQueue(queue, {
      durable: true,
      expires: expiresMs,
      messageTtl: messageTtlMs,
      overflow: 'drop-head',
      arguments: { 'x-max-length-bytes': maxQueueBytes },
    });
    await channel.bindQueue(queue, exchange, '');
    this.#channel = channel;
    channel.on('close', () => {
      if (this.#channel === channel) this.#channel = undefined;
    });
    this.#timer ??= setInterval(() => this.bind(), this.#options.bindEveryMs);
    await channel.prefetch(prefetch);
    const acknowledge = createAcknowledge(channel);
    await channel.consume(queue, (message) => {
      if (message === null) {
        this.#counts.cancelled += 1;
        this.#options.onCancel();
      } else if (!this.#isStopped) {
        this.#hear(message);
        // Stopped in the middle: all of it comes again after a restart.
        if (!this.#isStopped) acknowledge(message);
      }
    });
  }

  /** Binds the queue again; where the exchange is gone, the server ends the channel, and the next declares it. */
  bind(): void {
    const { queue, exchange } = this.#options;
    this.#channel?.bindQueue(queue, exchange, '').catch(() => {});
  }

  /** Nothing is handed on from now on; the queue keeps it. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  figures() {
    return { ...this.#counts };
  }

  #hear({ content, fields, properties }: ConsumeMessage): void {
    if (fields.redelivered) this.#counts.redelivered += 1;
    if (!this.#isNew(properties.messageId)) {
      this.#counts.duplicates += 1;
      return;
    }
    const messages = unpack(content);
    if (messages === undefined) this.#counts.foreign += 1;
    for (const message of messages ?? []) {
      if (this.#isStopped) return;
      this.#options.onMessage(message);
    }
  }

  /** A publisher's messages come in order, so that one not above the last was here before. */
  #isNew(id: unknown): boolean {
    if (typeof id !== 'string') return true;
    const dash = id.lastIndexOf('-');
    const origin = id.slice(0, dash);
    const sequence = Number(id.slice(dash + 1));
    const last = this.#lastOf.get(origin);
    if (last !== undefined && sequence <= last) return false;
    this.#lastOf.delete(origin);
    this.#lastOf.set(origin, sequence);
    if (this.#lastOf.size > rememberedOrigins) this.#lastOf.delete(this.#lastOf.keys().next().value as string);
    return true;
  }
}

/** One acknowledgement for all that was handed on in a turn of the loop. */
function createAcknowledge(channel: Channel): (message: ConsumeMessage) => void {
  let last: ConsumeMessage | undefined;
  return (message) => {
    if (last === undefined) {
      setImmediate(() => {
        const upTo = last as ConsumeMessage;
        last = undefined;
        try {
          channel.ack(upTo, true);
        } catch {
          // The channel is closing: what was not acknowledged comes again.
        }
      });
    }
    last = message;
  };
}
