import type { Consumer } from '@platformatic/kafka';
import type { KafkaTenure } from './kafka-group.ts';
import type { KafkaQueueRecord } from './kafka-records.ts';

export interface KafkaCommitterOptions {
  readonly topic: string;
  readonly member: Consumer;
  readonly tenure: KafkaTenure;
  onFailure(error: unknown): void;
}

interface Position {
  readonly offset: bigint;
  readonly leaderEpoch: number;
}

/** Commits what was handed on: one request is under way at a time, and what is handed on meanwhile goes with the next. */
export class KafkaCommitter {
  readonly #options: KafkaCommitterOptions;
  #due = new Map<number, Position>();
  #run: Promise<void> = Promise.resolve();
  #isRunning = false;

  constructor(options: KafkaCommitterOptions) {
    this.#options = options;
  }

  /** Something was handed on and could not be committed so far. */
  get isDue(): boolean {
    return this.#due.size > 0;
  }

  /** In the order of each partition. */
  add(records: readonly KafkaQueueRecord[]): void {
    for (const { partition, offset, leaderEpoch } of records) {
      this.#due.set(partition, { offset: offset + 1n, leaderEpoch });
    }
    if (!this.#isRunning) this.#run = this.#commit();
  }

  /** Resolves when what is being committed is, or could not be. */
  async settled(): Promise<void> {
    await this.#run;
  }

  /** Resolves when all of it is committed, or it was tried in vain. */
  async flush(): Promise<void> {
    await this.#run;
    if (this.#due.size === 0) return;
    this.#run = this.#commit();
    await this.#run;
  }

  async #commit(): Promise<void> {
    const { member, topic, tenure, onFailure } = this.#options;
    this.#isRunning = true;
    // What another was given since is not this node's to commit.
    while (this.#due.size > 0 && tenure.isMember()) {
      const taken = this.#due;
      this.#due = new Map();
      try {
        await member.commit({ offsets: [...taken].map(([partition, at]) => ({ topic, partition, ...at })) });
      } catch (error) {
        // With the next, unless that is further on.
        for (const [partition, at] of taken) if (!this.#due.has(partition)) this.#due.set(partition, at);
        onFailure(error);
        break;
      }
    }
    this.#isRunning = false;
  }
}
