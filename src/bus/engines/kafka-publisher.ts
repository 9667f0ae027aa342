import type { Producer } from '@platformatic/kafka';
import { pack } from './packing.ts';
import { type Batch, settle, Turn } from './turn.ts';

export interface KafkaPublisherOptions {
  readonly producer: Producer;
  readonly topic: string;
  /** Of what waits and of what is under way; beyond it nothing more is taken. */
  readonly maxUnconfirmedBytes: number;
  /** After it, who waits is told that it is not known whether the message was taken. */
  readonly confirmWithinMs: number;
  onFailure(error: unknown): void;
}

interface Entry {
  readonly value: Buffer;
  readonly batch: Batch;
  /** Milliseconds of `performance.now`. */
  readonly since: number;
}

/** Bytes of records in one request, unless a single record is larger. */
const largestRequestBytes = 1024 * 1024;

/**
 * Produces with acks of all, idempotently. One request is under way at a time, and what is broadcast meanwhile goes with the next:
 * several under way would overtake each other when one is tried again. What is broadcast in one turn of the loop is one record.
 */
export class KafkaPublisher {
  readonly #options: KafkaPublisherOptions;
  readonly #turn = new Turn((batch) => this.#take(batch));
  #queue: Entry[] = [];
  #underWay: Entry[] = [];
  #unconfirmedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #pumping: Promise<void> = Promise.resolve();
  readonly #counts = { failed: 0, late: 0, refused: 0, requests: 0 };

  constructor(options: KafkaPublisherOptions) {
    this.#options = options;
  }

  /** Resolves once Kafka has it on all replicas that are in sync. */
  publish(message: Buffer): Promise<void> {
    if (this.#unconfirmedBytes + message.length > this.#options.maxUnconfirmedBytes) {
      this.#counts.refused += 1;
      return Promise.reject(new Error('too much waits to be taken by Kafka'));
    }
    this.#unconfirmedBytes += message.length;
    return this.#turn.add(message);
  }

  figures() {
    const unconfirmed = this.#queue.length + this.#underWay.length;
    return { ...this.#counts, unconfirmed, unconfirmed_bytes: this.#unconfirmedBytes };
  }

  /** Waits for what is under way and what waits, for so long at most; the rest is rejected. */
  async close(withinMs: number): Promise<void> {
    this.#turn.flush();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, withinMs);
    await Promise.race([this.#pumping, late.promise]);
    clearTimeout(timer);
    clearTimeout(this.#timer);
    this.#drop(new Error('the bus is closed'));
    for (const { batch } of this.#underWay) settle(batch, new Error('the bus is closed'));
  }

  #take(batch: Batch): void {
    this.#queue.push({ value: pack(batch.messages), batch, since: performance.now() });
    if (this.#underWay.length === 0) this.#pumping = this.#pump();
    this.#watch();
  }

  async #pump(): Promise<void> {
    const { producer, topic, onFailure } = this.#options;
    while (this.#queue.length > 0) {
      this.#underWay = this.#nextRequest();
      this.#counts.requests += 1;
      let failure: Error | undefined;
      try {
        await producer.send({ messages: this.#underWay.map(({ value }) => ({ topic, partition: 0, value })) });
      } catch (error) {
        failure = error as Error;
      }
      this.#unconfirmedBytes -= bytesOf(this.#underWay);
      for (const { batch } of this.#underWay) settle(batch, failure);
      if (failure !== undefined) {
        this.#counts.failed += this.#underWay.length;
        // What is behind it would wait as long for nothing.
        this.#drop(failure);
        onFailure(failure);
      }
      this.#underWay = [];
    }
  }

  #nextRequest(): Entry[] {
    let bytes = 0;
    let count = 0;
    for (const { value } of this.#queue) {
      bytes += value.length;
      if (count > 0 && bytes > largestRequestBytes) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  #drop(error: Error): void {
    this.#unconfirmedBytes -= bytesOf(this.#queue);
    for (const { batch } of this.#queue.splice(0)) settle(batch, error);
  }

  /** What waits too long is given up; what is under way too long may arrive all the same, and nobody waits for it any more. */
  #watch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const oldest = performance.now() - this.#options.confirmWithinMs;
      const error = new Error('Kafka has not taken it so far');
      for (const { batch, since } of this.#underWay) {
        if (since > oldest || batch.waiting.length === 0) continue;
        this.#counts.late += 1;
        settle(batch, error);
      }
      const late = this.#queue.filter(({ since }) => since <= oldest);
      this.#queue = this.#queue.filter(({ since }) => since > oldest);
      this.#unconfirmedBytes -= bytesOf(late);
      this.#counts.late += late.length;
      for (const { batch } of late) settle(batch, error);
      if (this.#queue.length > 0 || this.#underWay.some(({ batch }) => batch.waiting.length > 0)) this.#watch();
    }, this.#options.confirmWithinMs / 4);
  }
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { batch }) => sum + batch.bytes, 0);
}
