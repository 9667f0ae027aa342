import type { Consumer } from '@platformatic/kafka';

/** What is asked of Kafka about a topic and a group's way through it. */
export class KafkaOffsets {
  readonly #topic: string;
  readonly #reader: Consumer;

  constructor(topic: string, reader: Consumer) {
    this.#topic = topic;
    this.#reader = reader;
  }

  async partitions(): Promise<number> {
    const metadata = await this.#reader.metadata({ topics: [this.#topic], forceUpdate: true });
    return metadata.topics.get(this.#topic)?.partitionsCount ?? 0;
  }

  /** By partition; what the group never committed is missing. */
  async committed(partitions: readonly number[]): Promise<Map<number, bigint>> {
    if (partitions.length === 0) return new Map();
    const topics = [{ topic: this.#topic, partitions: [...partitions] }];
    const offsets = (await this.#reader.listCommittedOffsets({ topics })).get(this.#topic) ?? [];
    return new Map(
      partitions.flatMap((partition) => {
        const offset = offsets[partition] ?? -1n;
        return offset < 0n ? [] : [[partition, offset]];
      }),
    );
  }

  /** The first record that is there. */
  earliest(partitions: readonly number[]): Promise<Map<number, bigint>> {
    return this.#list(partitions, -2n);
  }

  /** Behind the last record. */
  latest(partitions: readonly number[]): Promise<Map<number, bigint>> {
    return this.#list(partitions, -1n);
  }

  /** The first record of this time or later; missing: there is none. */
  since(partition: number, timestamp: bigint): Promise<Map<number, bigint>> {
    return this.#list([partition], timestamp);
  }

  async #list(partitions: readonly number[], timestamp: bigint): Promise<Map<number, bigint>> {
    if (partitions.length === 0) return new Map();
    const topics = { topics: [this.#topic], partitions: { [this.#topic]: [...partitions] } };
    const offsets = (await this.#reader.listOffsets({ ...topics, timestamp })).get(this.#topic) ?? [];
    return new Map(
      partitions.flatMap((partition) => {
        const offset = offsets[partition] ?? -1n;
        return offset < 0n ? [] : [[partition, offset]];
      }),
    );
  }
}
