import { setTimeout as delay } from 'node:timers/promises';
import { ClientError } from '../../client/client-error.ts';
import { afterStep, appendToLog, emptyLog, type LogStep, logAfter, type StreamLog } from './log.ts';

export interface FollowOptions<Query, Raw, Item> {
  readonly open: (query: Query, signal: AbortSignal) => AsyncIterable<Raw>;
  readonly read: (raw: Raw) => LogStep<Item>;
  /** Entries kept. */
  readonly limit: number;
  /** Every step, as it comes. */
  readonly onStep?: ((step: LogStep<Item>) => void) | undefined;
  /** Opened anew, or closed. */
  readonly onWatch?: ((isOpen: boolean) => void) | undefined;
  readonly onChange: (log: StreamLog<Item>) => void;
  /** What comes within this time is told at once; after more than `many` in one go, within four times of it. */
  readonly batchMs: number;
  /** Before another attempt at a stream that could not be opened. Default 1000. */
  readonly retryMs?: number;
}

/** More than anybody sees pass. */
const many = 20;

/** Keeps the newest items of a stream, opened anew for every query. Bounded, and told no more often than `batchMs`, for all of a screen drawn anew is dear. */
export class LogFollower<Query, Raw, Item> {
  readonly #options: FollowOptions<Query, Raw, Item>;
  #log: StreamLog<Item> = emptyLog;
  #aborter: AbortController | undefined;
  #waiting: Item[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isBusy = false;

  constructor(options: FollowOptions<Query, Raw, Item>) {
    this.#options = options;
  }

  /** Undefined closes the stream and forgets what it brought. */
  watch(query: Query | undefined): void {
    this.close();
    this.#options.onWatch?.(query !== undefined);
    if (query !== undefined) {
      const aborter = new AbortController();
      this.#aborter = aborter;
      this.#log = logAfter(this.#log, 'connecting');
      void this.#follow(query, aborter.signal);
    }
    this.#options.onChange(this.#log);
  }

  close(): void {
    this.#aborter?.abort();
    this.#aborter = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
    this.#log = logAfter(this.#log, 'closed');
  }

  /** A node that is away is tried until it is back; what it refuses is not asked for again. */
  async #follow(query: Query, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const failure = await this.#read(query, signal).catch(asError);
      if (signal.aborted) return;
      this.#take({ error: failure?.message ?? 'the stream has ended' });
      if (!isAway(failure)) return;
      await delay(this.#options.retryMs ?? 1000, undefined, { signal }).catch(() => undefined);
    }
  }

  async #read(query: Query, signal: AbortSignal): Promise<undefined> {
    for await (const raw of this.#options.open(query, signal)) {
      if (signal.aborted) return;
      this.#take(this.#options.read(raw));
    }
  }

  #take({ item, ...rest }: LogStep<Item>): void {
    this.#options.onStep?.({ ...rest, ...(item !== undefined && { item }) } as LogStep<Item>);
    this.#log = afterStep(this.#log, rest, this.#options.limit);
    if (item !== undefined) {
      this.#waiting.push(item);
      // Of a burst only the newest are ever seen.
      if (this.#waiting.length >= 2 * this.#options.limit) this.#merge();
    }
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#isBusy = this.#waiting.length > many;
        this.#merge();
        this.#options.onChange(this.#log);
      },
      this.#options.batchMs * (this.#isBusy ? 4 : 1),
    );
  }

  #merge(): void {
    this.#log = appendToLog(this.#log, this.#waiting, this.#options.limit);
    this.#waiting = [];
  }
}

function isAway(failure: Error | undefined): boolean {
  return failure instanceof ClientError && (failure.kind === 'unreachable' || failure.kind === 'timed_out');
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
