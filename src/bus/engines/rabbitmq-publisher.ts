import type { ConfirmChannel, Message } from 'amqplib';
import { pack } from './packing.ts';
import { type Batch, settle, Turn } from './turn.ts';

export interface RabbitPublisherOptions {
  readonly exchange: string;
  /** Different for every publisher that ever was; part of each message-id. */
  readonly origin: string;
  /** Of what was published and is not confirmed; beyond it nothing more is taken. */
  readonly maxUnconfirmedBytes: number;
  /** After it, who waits is told that it is not known whether the message was taken. */
  readonly confirmWithinMs: number;
  /** After it, what was not confirmed is not published again. */
  readonly keepForMs: number;
  /** No queue is bound to the exchange. */
  onReturned(): void;
}

interface Entry {
  readonly id: string;
  readonly content: Buffer;
  readonly batch: Batch;
  /** Milliseconds of `performance.now`. */
  readonly since: number;
  isReturned: boolean;
}

/**
 * Publishes with confirms, what is broadcast in one turn of the loop as one AMQP message. What was not confirmed when its channel
 * went is published again on the next, in order, with the same message-id and before anything newer.
 */
export class RabbitPublisher {
  readonly #options: RabbitPublisherOptions;
  readonly #turn = new Turn((batch) => this.#take(batch));
  /** By message-id, the oldest first. */
  readonly #unconfirmed = new Map<string, Entry>();
  #unconfirmedBytes = 0;
  #channel: ConfirmChannel | undefined;
  #sequence = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  readonly #counts = { republished: 0, returned: 0, nacked: 0, expired: 0, refused: 0 };

  constructor(options: RabbitPublisherOptions) {
    this.#options = options;
  }

  /** Resolves once RabbitMQ has confirmed it and a queue has taken it. */
  publish(message: Buffer): Promise<void> {
    if (this.#unconfirmedBytes + message.length > this.#options.maxUnconfirmedBytes) {
      this.#counts.refused += 1;
      return Promise.reject(new Error('too much waits to be confirmed by RabbitMQ'));
    }
    this.#unconfirmedBytes += message.length;
    return this.#turn.add(message);
  }

  /** To be awaited on every new channel. */
  async setup(channel: ConfirmChannel): Promise<void> {
    await channel.assertExchange(this.#options.exchange, 'fanout', { durable: true });
    channel.on('return', (message: Message) => this.#onReturn(message));
    // Before amqplib's own listener, which tells every publish that it failed: they are for the next channel to confirm.
    channel.prependListener('close', () => {
      if (this.#channel === channel) this.#channel = undefined;
    });
    this.#channel = channel;
    const oldest = performance.now() - this.#options.keepForMs;
    for (const entry of [...this.#unconfirmed.values()]) {
      if (entry.since < oldest) {
        this.#counts.expired += 1;
        this.#end(entry, new Error('RabbitMQ did not confirm it in time'));
      } else {
        this.#counts.republished += 1;
        entry.isReturned = false;
        this.#send(channel, entry);
      }
    }
  }

  figures() {
    return { ...this.#counts, unconfirmed: this.#unconfirmed.size, unconfirmed_bytes: this.#unconfirmedBytes };
  }

  /** Waits for what is not confirmed, for so long at most; the rest is rejected. */
  async close(withinMs: number): Promise<void> {
    this.#isClosed = true;
    this.#turn.flush();
    const pending = [...this.#unconfirmed.values()].flatMap(({ batch }) => batch.waiting.map(({ promise }) => promise));
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, withinMs);
    if (this.#channel !== undefined) await Promise.race([Promise.allSettled(pending), late.promise]);
    clearTimeout(timer);
    clearTimeout(this.#timer);
    for (const entry of [...this.#unconfirmed.values()]) this.#end(entry, new Error('the bus is closed'));
  }

  #take(batch: Batch): void {
    const id = `${this.#options.origin}-${this.#sequence}`;
    this.#sequence += 1;
    const entry = { id, content: pack(batch.messages), batch, since: performance.now(), isReturned: false };
    this.#unconfirmed.set(id, entry);
    if (this.#channel !== undefined) this.#send(this.#channel, entry);
    this.#watch();
  }

  #send(channel: ConfirmChannel, entry: Entry): void {
    const onConfirm = (error: unknown) => {
      // A channel that went confirms nothing: its successor has published it again.
      if (channel !== this.#channel || !this.#unconfirmed.has(entry.id)) return;
      if (error) {
        this.#counts.nacked += 1;
        this.#end(entry, new Error('RabbitMQ refused it'));
      } else if (entry.isReturned) {
        this.#counts.returned += 1;
        this.#options.onReturned();
        this.#end(entry, new Error('no queue takes what is broadcast'));
      } else {
        this.#end(entry);
      }
    };
    const properties = { messageId: entry.id, mandatory: true, persistent: true };
    try {
      channel.publish(this.#options.exchange, '', entry.content, properties, onConfirm);
    } catch {
      // The channel is closing; its successor publishes it again.
    }
  }

  /** RabbitMQ confirms what no queue took, too, and says so just before. */
  #onReturn(message: Message): void {
    const entry = this.#unconfirmed.get(message.properties.messageId as string);
    if (entry !== undefined) entry.isReturned = true;
  }

  #end(entry: Entry, error?: Error): void {
    this.#unconfirmed.delete(entry.id);
    this.#unconfirmedBytes -= entry.batch.bytes;
    settle(entry.batch, error);
  }

  /** One timer for all: it is set for the oldest that somebody waits for. */
  #watch(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const oldest = performance.now() - this.#options.confirmWithinMs;
      let isAnyLeft = false;
      for (const { since, batch } of this.#unconfirmed.values()) {
        if (since <= oldest) settle(batch, new Error('RabbitMQ has not confirmed it so far'));
        else isAnyLeft = true;
      }
      if (isAnyLeft) this.#watch();
    }, this.#options.confirmWithinMs / 2);
  }
}
