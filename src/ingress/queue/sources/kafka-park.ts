import type { BaseOptions, Producer } from '@platformatic/kafka';
import { guardClient, loadKafka } from '../../../backends/kafka.ts';
import type { KafkaQueueRecord } from './kafka-records.ts';
import type { Poison } from './parking.ts';

export interface KafkaParkOptions {
  readonly client: BaseOptions;
  readonly topic: string;
  readonly door: string;
  /** Makes the topic of dead letters where it is missing. */
  ensureTopic(name: string): Promise<void>;
}

const longestReason = 1000;

/** Produces what is poison to `<topic>.dead`, with acks of all, under the key it had. The client is made with the first record. */
export class KafkaPark {
  readonly #options: KafkaParkOptions;
  #producer: Producer | undefined;
  #isTopicThere = false;

  constructor(options: KafkaParkOptions) {
    this.#options = options;
  }

  /** Resolves once Kafka has all of it on all replicas that are in sync. */
  async send(poison: readonly Poison<KafkaQueueRecord>[]): Promise<void> {
    const topic = `${this.#options.topic}.dead`;
    if (!this.#isTopicThere) await this.#options.ensureTopic(topic);
    this.#isTopicThere = true;
    this.#producer ??= await this.#open();
    try {
      await this.#producer.send({
        messages: poison.map(({ record, reason }) => ({
          topic,
          value: record.body,
          headers: this.#headersOf(record, reason),
          ...(record.raw.key === null ? {} : { key: record.raw.key }),
        })),
      });
    } catch (error) {
      this.#isTopicThere = false;
      throw error;
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    if (producer === undefined) return;
    await producer.close().catch(() => {});
    for (const [, { socket }] of producer.connections) socket?.destroy();
  }

  async #open(): Promise<Producer> {
    const { Producer } = await loadKafka();
    // The library takes fewer than two tries of an idempotent producer for no limit at all.
    return guardClient(new Producer({ ...this.#options.client, idempotent: true, retries: 2 }));
  }

  #headersOf({ raw, partition, offset, timestamp }: KafkaQueueRecord, reason: string): Map<Buffer, Buffer> {
    const { topic, door } = this.#options;
    const told = {
      reason: reason.slice(0, longestReason),
      door,
      topic,
      partition: String(partition),
      offset: String(offset),
      timestamp: String(timestamp),
      time: new Date().toISOString(),
    };
    const own = raw.headers.flatMap(([name, value]) =>
      name === null || value === null ? [] : [[name, value] as const],
    );
    const ours = Object.entries(told).map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const);
    return new Map([...own, ...ours]);
  }
}
