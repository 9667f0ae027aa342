import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer } from '@platformatic/kafka';
import { isKafkaError } from '../../../backends/kafka.ts';
import { backOffMs } from '../../../util/back-off.ts';
import { type FetchResponse, type KafkaQueueRecord, readPartition } from './kafka-records.ts';

export interface KafkaFetcherOptions {
  readonly topic: string;
  /** On connections of its own: a fetch that waits holds up what is behind it. */
  readonly reader: Consumer;
  /** Where to go on in a partition that no longer has what was wanted (`offset` undefined: of a topic that is a new one). */
  relocate(partition: number, offset: bigint | undefined): Promise<bigint>;
  onFailure(error: unknown): void;
  onFetched(): void;
}

interface Partition {
  readonly index: number;
  /** Changes when the topic was deleted and made again. */
  topicId: string | undefined;
  /** What is fetched next. */
  position: bigint;
  isFetching: boolean;
}

const backOff = { firstMs: 100, mostMs: 2000 };
/** How long Kafka may hold a fetch back while there is nothing. */
const maxWaitMs = 500;
const fetchBytes = { partition: 1024 * 1024, all: 4 * 1024 * 1024 };
/** What waits here; beyond it nothing more is fetched. */
const aheadBytes = 8 * 1024 * 1024;
const batchRecords = 1000;
const batchBytes = 8 * 1024 * 1024;
const codes = { offsetOutOfRange: 1 } as const;
/** What a lost answer leaves behind: the library begins another session with the next fetch. */
const sessionErrors = ['INVALID_FETCH_SESSION_EPOCH', 'FETCH_SESSION_ID_NOT_FOUND', 'FETCH_SESSION_TOPIC_ID_ERROR'];

/** Fetches ahead from some partitions, from each leader by itself, and keeps what has come in the order it came. For one time of owning them. */
export class KafkaFetcher {
  readonly #options: KafkaFetcherOptions;
  readonly #partitions: ReadonlyMap<number, Partition>;
  readonly #busyLeaders = new Set<number>();
  readonly #loops = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  #waiting: KafkaQueueRecord[] = [];
  #waitingBytes = 0;
  #isPumping = false;
  #failures = 0;

  constructor(options: KafkaFetcherOptions, positions: ReadonlyMap<number, bigint>) {
    this.#options = options;
    this.#partitions = new Map(
      [...positions].map(([index, position]) => [index, { index, topicId: undefined, position, isFetching: false }]),
    );
    this.#pump();
  }

  /** What has come, at most a batch; and more is fetched meanwhile. */
  shift(): KafkaQueueRecord[] {
    let count = 0;
    let bytes = 0;
    for (const record of this.#waiting) {
      const weight = weightOf(record);
      if (count === batchRecords || (count > 0 && bytes + weight > batchBytes)) break;
      bytes += weight;
      count += 1;
    }
    const batch = this.#waiting.splice(0, count);
    this.#waitingBytes -= bytes;
    this.#pump();
    return batch;
  }

  /** Nothing waits after it, and nothing comes any more. Resolves when what was asked has been answered. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#waiting = [];
    await Promise.all(this.#loops);
  }

  /** Fetches from those leaders that are not being asked. */
  #pump(): void {
    if (this.#isPumping || this.#stopped.signal.aborted || this.#waitingBytes > aheadBytes) return;
    this.#isPumping = true;
    const loop = this.#askLeaders().finally(() => {
      this.#loops.delete(loop);
    });
    this.#loops.add(loop);
  }

  async #askLeaders(): Promise<void> {
    try {
      for (const [leader, { topicId, partitions }] of await this.#leaders()) {
        if (this.#busyLeaders.has(leader) || this.#stopped.signal.aborted) continue;
        this.#busyLeaders.add(leader);
        const loop = this.#ask(leader, topicId, partitions).finally(() => {
          this.#busyLeaders.delete(leader);
          this.#loops.delete(loop);
          this.#pump();
        });
        this.#loops.add(loop);
      }
      this.#isPumping = false;
    } catch (error) {
      await this.#fail(error);
      this.#isPumping = false;
      this.#pump();
    }
  }

  async #leaders() {
    const { reader, topic, relocate } = this.#options;
    const known = (await reader.metadata({ topics: [topic] })).topics.get(topic);
    if (known === undefined) throw new Error(`topic ${topic} is not there`);
    const byLeader = new Map<number, { topicId: string; partitions: Partition[] }>();
    for (const partition of this.#partitions.values()) {
      if (partition.isFetching) continue;
      if (partition.topicId !== undefined && partition.topicId !== known.id) {
        partition.position = await relocate(partition.index, undefined);
      }
      partition.topicId = known.id;
      const leader = known.partitions[partition.index]?.leader ?? -1;
      if (leader < 0) throw new Error(`partition ${partition.index} of topic ${topic} has no leader`);
      const of = byLeader.get(leader) ?? { topicId: known.id, partitions: [] };
      of.partitions.push(partition);
      byLeader.set(leader, of);
    }
    return byLeader;
  }

  async #ask(leader: number, topicId: string, partitions: readonly Partition[]): Promise<void> {
    for (const partition of partitions) partition.isFetching = true;
    try {
      const response = await this.#options.reader.fetch({
        node: leader,
        topics: [{ topicId, partitions: partitions.map(requestOf) }],
        maxWaitTime: maxWaitMs,
        minBytes: 1,
        maxBytes: fetchBytes.all,
      });
      await this.#onResponse(response);
      this.#failures = 0;
    } catch (error) {
      await this.#onError(error);
    } finally {
      for (const partition of partitions) partition.isFetching = false;
    }
  }

  async #onResponse({ responses }: FetchResponse): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    let hasCome = false;
    for (const fetched of responses.flatMap(({ partitions }) => partitions)) {
      const partition = this.#partitions.get(fetched.partitionIndex);
      if (partition === undefined) continue;
      if (fetched.errorCode === codes.offsetOutOfRange) {
        partition.position = await this.#options.relocate(partition.index, partition.position);
      } else if (fetched.errorCode === 0) {
        const { records, next } = readPartition(this.#options.topic, fetched, partition.position);
        partition.position = next;
        for (const record of records) {
          this.#waiting.push(record);
          this.#waitingBytes += weightOf(record);
        }
        hasCome ||= records.length > 0;
      }
    }
    if (hasCome && !this.#stopped.signal.aborted) this.#options.onFetched();
  }

  /** The error for one partition has with it what the answer holds for the others. */
  async #onError(error: unknown): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const response = responseOf(error);
    try {
      if (response !== undefined) await this.#onResponse(response);
    } catch (later) {
      return this.#fail(later);
    }
    const isOutOfRange = await isKafkaError(error, 'apiId', 'OFFSET_OUT_OF_RANGE');
    const isOnlyThat = response?.responses.every(({ partitions }) =>
      partitions.every(({ errorCode }) => errorCode === 0 || errorCode === codes.offsetOutOfRange),
    );
    if (isOutOfRange && isOnlyThat === true) return;
    for (const apiId of sessionErrors) if (await isKafkaError(error, 'apiId', apiId)) return;
    await this.#fail(error);
  }

  async #fail(error: unknown): Promise<void> {
    const { signal } = this.#stopped;
    if (signal.aborted) return;
    // Who leads what, and whether it is the same topic, is asked again.
    this.#options.reader.clearMetadata();
    this.#options.onFailure(error);
    await pause(backOffMs(Math.min(this.#failures, 16), backOff), undefined, { signal }).catch(() => {});
    this.#failures += 1;
  }
}

/** What holds a record counts as well: without bodies they would have no end. */
function weightOf({ body, raw }: KafkaQueueRecord): number {
  return 512 + body.length + (raw.key?.length ?? 0);
}

function requestOf({ index, position }: Partition) {
  return {
    partition: index,
    fetchOffset: position,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    partitionMaxBytes: fetchBytes.partition,
  };
}

function responseOf(error: unknown): FetchResponse | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('response' in error && typeof error.response === 'object' && error.response !== null) {
    return 'responses' in error.response ? (error.response as FetchResponse) : undefined;
  }
  for (const inner of error instanceof AggregateError ? error.errors : [error.cause]) {
    const found = responseOf(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
