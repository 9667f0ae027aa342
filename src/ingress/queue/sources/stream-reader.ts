import { setTimeout as pause } from 'node:timers/promises';
import type { RedisLink } from '../../../backends/redis-link.ts';
import { defineBufferScript, defineScript, type RedisClient } from '../../../backends/redis-script.ts';
import { type RawEntry, readEntry, type StreamRecord } from './stream-entry.ts';
import type { StreamLease } from './stream-lease.ts';
import { claimPendingLua, lookLua, readLua } from './stream-scripts.ts';

export interface StreamReaderOptions {
  readonly client: RedisClient;
  /** Waits for entries and takes none: a connection of its own, since it is blocked meanwhile. */
  readonly waiting: RedisLink<RedisClient>;
  readonly lease: StreamLease;
  readonly stream: string;
  readonly group: string;
  readonly consumer: string;
  readonly leaseMs: number;
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  /** How long Redis may hold the question for entries back. */
  readonly blockMs: number;
}

export interface StreamCounts {
  /** Entries that somebody was given before and did not acknowledge. */
  redelivered: number;
  /** Entries that were in the stream and nobody was given, and times that it was deleted. */
  gaps: number;
}

type Answer =
  | readonly ['lost']
  | readonly ['read', readonly RawEntry[]]
  | readonly ['empty', string]
  | readonly ['claimed', readonly RawEntry[], string, number];

const pauseWithoutWaitingMs = 100;

/** The entries of one reign of a reader, in their order: first what is pending of anybody, then what nobody was given yet. */
export class StreamReader {
  readonly #options: StreamReaderOptions;
  readonly #counts: StreamCounts;
  readonly #ask: (...args: readonly (string | number)[]) => Promise<unknown>;
  readonly #claim: (...args: readonly (string | number)[]) => Promise<unknown>;
  readonly #look: (...args: readonly (string | number)[]) => Promise<unknown>;
  /** Where to go on with what is pending; undefined: all of it was read. */
  #cursor: string | undefined = '0-0';

  constructor(options: StreamReaderOptions, counts: StreamCounts) {
    this.#options = options;
    this.#counts = counts;
    const keys = [options.stream, options.lease.key];
    this.#ask = defineBufferScript(options.client, { name: 'yunqueReaderRead', lua: readLua, keys });
    this.#claim = defineBufferScript(options.client, { name: 'yunqueReaderTakeOver', lua: claimPendingLua, keys });
    this.#look = defineScript(options.client, { name: 'yunqueReaderLook', lua: lookLua, keys });
  }

  /** Entries given to nobody, or not acknowledged; undefined: not known. Counts those that were trimmed before anybody was given them. */
  async lag(): Promise<number | undefined> {
    const { lease, group } = this.#options;
    const [waiting = -1, pending = 0, gone = 0] = (await this.#look(lease.token, group)) as number[];
    this.#counts.gaps += gone;
    return waiting < 0 ? undefined : waiting + pending;
  }

  /** Waits for some. Undefined: the lease is lost, or it was aborted. Rejects with what Redis says. */
  async next(signal: AbortSignal): Promise<readonly StreamRecord[] | undefined> {
    while (!signal.aborted) {
      const answer = await this.#answer();
      if (signal.aborted || answer[0] === 'lost') return undefined;
      if (answer[0] === 'empty') {
        await this.#waitBehind(answer[1], signal);
        continue;
      }
      const records = this.#read(answer[1]);
      if (answer[0] === 'claimed') {
        this.#counts.redelivered += records.length;
        this.#counts.gaps += answer[3];
        this.#cursor = answer[2] === '0-0' ? undefined : answer[2];
      }
      if (records.length > 0) return records;
    }
    return undefined;
  }

  #read(entries: readonly RawEntry[]): readonly StreamRecord[] {
    const records = entries.map(readEntry).filter((record) => record !== undefined);
    const gone = entries.filter((entry) => entry !== null && !entry[1]).map((entry) => entry?.[0] ?? '');
    this.#counts.gaps += entries.length - records.length;
    // Redis 7 has forgotten them by itself.
    if (gone.length > 0) this.#forget(gone);
    return records;
  }

  #forget(ids: readonly (string | Buffer)[]): void {
    const { client, stream, group } = this.#options;
    client.xack(stream, group, ...ids).catch(() => {});
  }

  async #answer(): Promise<Answer> {
    const { lease, leaseMs, group, consumer, maxBatchRecords, maxBatchBytes } = this.#options;
    const since = performance.now();
    const common = [lease.token, leaseMs, group, consumer, maxBatchRecords, maxBatchBytes] as const;
    const cursor = this.#cursor;
    const raw = await (cursor === undefined ? this.#ask(...common) : this.#claim(...common, cursor));
    const [what, first, second, third] = raw as [Buffer, unknown, unknown, unknown];
    const name = String(what);
    if (name === 'lost') return ['lost'];
    lease.extend(since);
    if (name === 'empty') return ['empty', String(first)];
    const entries = first as readonly RawEntry[];
    return name === 'read' ? ['read', entries] : ['claimed', entries, String(second), Number(third)];
  }

  /** Until something is behind the entry with this id, or for a while. */
  async #waitBehind(id: string, signal: AbortSignal): Promise<void> {
    const { waiting, stream, blockMs } = this.#options;
    const { promise: aborted, resolve: onAbort } = Promise.withResolvers<unknown>();
    signal.addEventListener('abort', onAbort, { once: true });
    const asked = waiting.client
      .xreadBuffer('COUNT', 1, 'BLOCK', blockMs, 'STREAMS', stream, id)
      .catch(() => pause(pauseWithoutWaitingMs, undefined, { signal }))
      .catch(() => {});
    await Promise.race([asked, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
  }
}
