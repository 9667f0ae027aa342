import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer } from '@platformatic/kafka';
import { isKafkaError, kafkaReason } from '../../backends/kafka.ts';
import { backOffMs } from '../../util/back-off.ts';
import { unpack } from './packing.ts';

export interface KafkaSubscriberOptions {
  readonly topic: string;
  /** Fetches, on connections of its own: a fetch that waits holds up what is behind it. */
  readonly reader: Consumer;
  /** Where this node was when it stopped; undefined: it is new. */
  committedOffset(): Promise<bigint | undefined>;
  /** What is older when this node comes back is skipped. */
  readonly maxCatchupMs: number;
  onMessage(message: Buffer): void;
  /** `failure` has changed. */
  onChange(error: unknown): void;
}

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>;

const backOff = { firstMs: 100, mostMs: 2000 };
/** How long Kafka may hold a fetch back while there is nothing. */
const maxWaitMs = 1000;
const maxFetchBytes = 8 * 1024 * 1024;
const control = 0x20;
const timestamps = { earliest: -2n, latest: -1n };

/**
 * Reads the one partition from where this node was, in order, each record once: what comes again is known by its offset. The
 * position is ours, not the group's, so that a rebalance neither stops nor repeats anything. What is no longer there, or too old
 * to be of use, is skipped and counted as a gap.
 */
export class KafkaSubscriber {
  readonly #options: KafkaSubscriberOptions;
  #position: bigint | undefined;
  #leaderEpoch = -1;
  #lag = 0;
  #failure: string | undefined = 'not listening yet';
  #isStopped = false;
  #run: Promise<void> = Promise.resolve();
  readonly #counts = { gaps: 0, skipped: 0, duplicates: 0, foreign: 0, fetch_failures: 0 };

  constructor(options: KafkaSubscriberOptions) {
    this.#options = options;
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  /** The next offset to be handed on, and the epoch of the leader that wrote the one before; undefined: none so far. */
  get position(): { readonly offset: bigint; readonly leaderEpoch: number } | undefined {
    return this.#position === undefined ? undefined : { offset: this.#position, leaderEpoch: this.#leaderEpoch };
  }

  /** Resolves once it hears what is produced from now on, or after so long: it goes on trying. */
  async start(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (performance.now() < deadline && !this.#isStopped) {
      try {
        await this.#locate();
        break;
      } catch (error) {
        this.#failure = kafkaReason(error);
        await pause(backOff.firstMs);
      }
    }
    this.#run = this.#read();
  }

  /** Nothing is handed on from now on. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when the fetch under way has ended. */
  ended(): Promise<void> {
    return this.#run;
  }

  figures() {
    return { ...this.#counts, lag: this.#lag };
  }

  async #read(): Promise<void> {
    let failures = 0;
    while (!this.#isStopped) {
      try {
        if (this.#failure !== undefined) await this.#locate();
        const response = await this.#fetch();
        if (this.#isStopped) return;
        this.#handOn(response);
        failures = 0;
      } catch (error) {
        if (this.#isStopped) return;
        this.#counts.fetch_failures += 1;
        // Where to go on is looked for at once, and counted.
        if (await isKafkaError(error, 'apiId', 'OFFSET_OUT_OF_RANGE')) {
          this.#failure = kafkaReason(error);
          continue;
        }
        // What a lost answer leaves behind: the library begins another session with the next fetch.
        if (await isKafkaError(error, 'apiId', 'INVALID_FETCH_SESSION_EPOCH')) continue;
        if (await isKafkaError(error, 'apiId', 'FETCH_SESSION_ID_NOT_FOUND')) continue;
        this.#fail(error);
        await pause(backOffMs(Math.min(failures, 16), backOff));
        failures += 1;
      }
    }
  }

  /** Finds where to go on: where it was, unless that is gone or too long ago. */
  async #locate(): Promise<void> {
    const since = BigInt(Date.now() - this.#options.maxCatchupMs);
    const was = this.#position ?? (await this.#options.committedOffset());
    const [earliest, latest, recent] = await Promise.all([
      this.#offsetAt(timestamps.earliest),
      this.#offsetAt(timestamps.latest),
      this.#offsetAt(since),
    ]);
    this.#position = this.#goOnAt(was, earliest, latest, recent);
    this.#failure = undefined;
    this.#options.onChange(undefined);
  }

  #goOnAt(was: bigint | undefined, earliest: bigint, latest: bigint, recent: bigint): bigint {
    if (was === undefined) return latest;
    // The log is not the one it was: what was missed is not known.
    if (was > latest) {
      this.#counts.gaps += 1;
      return latest;
    }
    // No record is that recent: all are too old.
    const oldestOfUse = recent < 0n ? latest : recent > earliest ? recent : earliest;
    if (was >= oldestOfUse) return was;
    this.#counts.gaps += 1;
    this.#counts.skipped += Number(oldestOfUse - was);
    return oldestOfUse;
  }

  async #offsetAt(timestamp: bigint): Promise<bigint> {
    const { reader, topic } = this.#options;
    const offsets = await reader.listOffsets({ topics: [topic], partitions: { [topic]: [0] }, timestamp });
    return offsets.get(topic)?.[0] ?? -1n;
  }

  async #fetch(): Promise<FetchResponse> {
    const { reader, topic } = this.#options;
    const known = (await reader.metadata({ topics: [topic] })).topics.get(topic);
    if (known === undefined) throw new Error(`topic ${topic} is not there`);
    const partition = {
      partition: 0,
      fetchOffset: this.#position as bigint,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
      partitionMaxBytes: maxFetchBytes,
    };
    return reader.fetch({
      node: known.partitions[0]?.leader ?? -1,
      topics: [{ topicId: known.id, partitions: [partition] }],
      maxWaitTime: maxWaitMs,
      minBytes: 1,
      maxBytes: maxFetchBytes,
    });
  }

  #handOn(response: FetchResponse): void {
    for (const { partitions } of response.responses) {
      for (const { records, highWatermark } of partitions) {
        for (const batch of records ?? []) {
          this.#leaderEpoch = batch.partitionLeaderEpoch;
          if ((batch.attributes & control) === 0) {
            for (const { offsetDelta, value } of batch.records)
              this.#hear(batch.firstOffset + BigInt(offsetDelta), value);
          }
          if (this.#isStopped) return;
          const next = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
          if (next > (this.#position as bigint)) this.#position = next;
        }
        this.#lag = Math.max(0, Number(highWatermark - (this.#position as bigint)));
      }
    }
  }

  #hear(offset: bigint, value: Buffer | null): void {
    if (this.#isStopped) return;
    if (offset < (this.#position as bigint)) {
      this.#counts.duplicates += 1;
      return;
    }
    const messages = value === null ? undefined : unpack(value);
    if (messages === undefined) this.#counts.foreign += 1;
    for (const message of messages ?? []) {
      this.#options.onMessage(message);
      // Stopped in the middle: all of the record comes again after a restart.
      if (this.#isStopped) return;
    }
    this.#position = offset + 1n;
  }

  #fail(error: unknown): void {
    this.#failure = kafkaReason(error);
    this.#options.onChange(error);
  }
}
