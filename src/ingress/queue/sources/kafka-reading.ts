import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer } from '@platformatic/kafka';
import { atMost } from '../../../util/at-most.ts';
import { backOffMs } from '../../../util/back-off.ts';
import type { TakeBatch } from '../source.ts';
import { KafkaCommitter } from './kafka-committer.ts';
import { KafkaFetcher } from './kafka-fetcher.ts';
import type { KafkaTenure } from './kafka-group.ts';
import { KafkaMarks } from './kafka-marks.ts';
import type { KafkaOffsets } from './kafka-offsets.ts';
import type { KafkaQueueRecord } from './kafka-records.ts';
import { type Parking, poisonIn } from './parking.ts';
import { giveUntilTaken } from './until-taken.ts';

export interface KafkaReadingOptions {
  readonly topic: string;
  readonly member: Consumer;
  readonly reader: Consumer;
  readonly offsets: KafkaOffsets;
  readonly parking: Parking<KafkaQueueRecord>;
  readonly take: TakeBatch;
  onFailure(error: unknown): void;
  /** `partitions` has changed. */
  onChange(): void;
}

/** What this node reads for as long as it owns some partitions. */
interface Share {
  readonly tenure: KafkaTenure;
  readonly ending: AbortController;
  readonly committer: KafkaCommitter;
  /** Undefined until it is known where to go on. */
  fetcher: KafkaFetcher | undefined;
}

const backOff = { firstMs: 100, mostMs: 2000 };
/** While it is not sure that the partitions are still this node's. */
const doubtMs = 50;

/** Hands on what comes from the partitions that are this node's now, a batch at a time, and commits it. */
export class KafkaReading {
  /** How long a batch under way is waited for when its partitions are given up. */
  readonly endWithinMs = 2000;
  readonly #options: KafkaReadingOptions;
  readonly #marks = new KafkaMarks();
  readonly #stopping = new AbortController();
  readonly #counts = { duplicates: 0, gaps: 0, skipped: 0, commit_failures: 0, uncommitted: 0 };
  #share: Share | undefined;
  #underWay: Promise<void> = Promise.resolve();
  #stoppedFetches: Promise<unknown> = Promise.resolve();
  #wake: (() => void) | undefined;

  constructor(options: KafkaReadingOptions) {
    this.#options = options;
    void this.#handOnAll();
  }

  /** This node's now. */
  get partitions(): number {
    return this.#share?.tenure.partitions.length ?? 0;
  }

  figures() {
    return { ...this.#counts };
  }

  begin(tenure: KafkaTenure): void {
    const { topic, member } = this.#options;
    const onFailure = () => {
      this.#counts.commit_failures += 1;
    };
    const committer = new KafkaCommitter({ topic, member, tenure, onFailure });
    const share: Share = { tenure, committer, ending: new AbortController(), fetcher: undefined };
    this.#share = share;
    if (tenure.partitions.length > 0) void this.#locate(share);
    this.#options.onChange();
  }

  /**
   * Lets the batch under way end and commits it, within some time; nothing more of these partitions is handed on. What is
   * not committed then is counted: who reads next is given it again.
   */
  async end(tenure: KafkaTenure): Promise<void> {
    const share = this.#share;
    if (share?.tenure !== tenure) return;
    share.ending.abort();
    this.#share = undefined;
    if (share.fetcher !== undefined) this.#stoppedFetches = Promise.all([this.#stoppedFetches, share.fetcher.stop()]);
    let isCommitted = false;
    const ended = this.#underWay
      .then(() => share.committer.flush())
      .then(() => {
        isCommitted = !share.committer.isDue;
      });
    await atMost(this.endWithinMs, ended);
    if (!isCommitted) this.#counts.uncommitted += 1;
  }

  /** No other batch is handed on. */
  stop(): void {
    this.#stopping.abort();
    this.#share?.ending.abort();
    this.#wake?.();
  }

  /** Resolves when nothing is asked of Kafka any more. */
  async ended(): Promise<void> {
    await this.#stoppedFetches;
  }

  /** What could not be committed when it was handed on. */
  async commitAgain(): Promise<void> {
    await this.#share?.committer.flush();
  }

  /** Of the whole group, of a topic with so many partitions. */
  async lag(count: number): Promise<number> {
    const { offsets } = this.#options;
    const partitions = Array.from({ length: count }, (_, at) => at);
    const [committed, latest] = await Promise.all([offsets.committed(partitions), offsets.latest(partitions)]);
    const unknown = partitions.filter((partition) => !committed.has(partition));
    const earliest = await offsets.earliest(unknown);
    const at = (partition: number) => committed.get(partition) ?? earliest.get(partition) ?? 0n;
    return partitions.reduce((sum, one) => sum + Math.max(0, Number((latest.get(one) ?? 0n) - at(one))), 0);
  }

  /** Begins where the group has committed, or with the earliest. */
  async #locate(share: Share): Promise<void> {
    const { offsets, topic, reader, onFailure } = this.#options;
    const { signal } = share.ending;
    const { partitions } = share.tenure;
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        const committed = await offsets.committed(partitions);
        const missing = partitions.filter((partition) => !committed.has(partition));
        const positions = new Map([...committed, ...(await offsets.earliest(missing))]);
        if (signal.aborted) return;
        share.fetcher = new KafkaFetcher(
          {
            topic,
            reader,
            onFailure,
            onFetched: () => this.#wake?.(),
            relocate: (partition, offset) => this.#relocate(partition, offset),
          },
          positions,
        );
        return;
      } catch (error) {
        if (signal.aborted) return;
        onFailure(error);
        await pause(backOffMs(Math.min(tries, 16), backOff), undefined, { signal }).catch(() => {});
      }
    }
  }

  /** What is no longer there is a gap. */
  async #relocate(partition: number, offset: bigint | undefined): Promise<bigint> {
    const { offsets } = this.#options;
    const [earliest = 0n, latest = 0n] = await Promise.all([
      offsets.earliest([partition]).then((found) => found.get(partition)),
      offsets.latest([partition]).then((found) => found.get(partition)),
    ]);
    if (offset !== undefined && offset >= earliest && offset <= latest) return offset;
    this.#counts.gaps += 1;
    if (offset === undefined) {
      this.#marks.forget(partition);
      return earliest;
    }
    if (offset < earliest) {
      this.#counts.skipped += Number(earliest - offset);
      return earliest;
    }
    // It has lost its end: what is newer than all that was handed on is new.
    const handedOnAt = this.#marks.timestampOf(partition);
    if (handedOnAt === undefined) return earliest;
    return (await offsets.since(partition, handedOnAt)).get(partition) ?? latest;
  }

  async #handOnAll(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const share = this.#share;
      const isInDoubt = share !== undefined && !share.tenure.isHeld();
      const batch = share === undefined || isInDoubt ? [] : (share.fetcher?.shift() ?? []);
      if (share === undefined || batch.length === 0) {
        await this.#whenSomethingHasCome(isInDoubt);
        continue;
      }
      this.#underWay = this.#handOn(share, batch);
      await this.#underWay;
    }
  }

  async #handOn({ tenure, ending, committer }: Share, batch: readonly KafkaQueueRecord[]): Promise<void> {
    const { parking } = this.#options;
    const { signal } = ending;
    const fresh = batch.filter((record) => !this.#marks.isKnown(record));
    this.#counts.duplicates += batch.length - fresh.length;
    if (fresh.length > 0) {
      const take: TakeBatch = (records) => {
        if (!tenure.isHeld()) throw new Error('it may be read by another');
        return this.#options.take(records);
      };
      const verdicts = await giveUntilTaken(fresh, { take, signal });
      if (verdicts === undefined || !(await parking.park(poisonIn(fresh, verdicts), signal))) return;
      this.#marks.add(fresh);
    }
    // What comes again after a crash is bounded: the batch that is being committed, and the next.
    await committer.settled();
    committer.add(batch);
  }

  async #whenSomethingHasCome(isInDoubt: boolean): Promise<void> {
    if (isInDoubt) return pause(doubtMs);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}
