import type { KafkaQueueRecord } from './kafka-records.ts';

interface Mark {
  next: bigint;
  /** The latest that was handed on. */
  timestamp: bigint;
}

/**
 * How far each partition was handed on by this node. What comes again, as after a commit that failed, is known by its offset, and by its time: a
 * partition that lost its end has other records under the same offsets.
 */
export class KafkaMarks {
  readonly #marks = new Map<number, Mark>();

  isKnown({ partition, offset, timestamp }: KafkaQueueRecord): boolean {
    const mark = this.#marks.get(partition);
    return mark !== undefined && offset < mark.next && timestamp <= mark.timestamp;
  }

  add(records: readonly KafkaQueueRecord[]): void {
    for (const { partition, offset, timestamp } of records) {
      const mark = this.#marks.get(partition);
      if (mark === undefined) {
        this.#marks.set(partition, { next: offset + 1n, timestamp });
      } else {
        mark.next = offset + 1n;
        if (timestamp > mark.timestamp) mark.timestamp = timestamp;
      }
    }
  }

  /** Of the latest record of a partition that was handed on. */
  timestampOf(partition: number): bigint | undefined {
    return this.#marks.get(partition)?.timestamp;
  }

  forget(partition: number): void {
    this.#marks.delete(partition);
  }
}
