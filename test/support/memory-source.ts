import { setTimeout as delay } from 'node:timers/promises';
import type {
  QueueRecord,
  Source,
  SourceState,
  SourceStatus,
  TakeBatch,
  Verdict,
} from '../../src/ingress/queue/source.ts';

/** What sources in memory read from: one of them at a time, in the order in which they came. */
export class MemoryQueue {
  readonly waiting: QueueRecord[] = [];
  readonly parked: { readonly body: Buffer; readonly reason: string }[] = [];
  readonly #readers: MemorySource[] = [];
  #published = 0;
  /** Ids that have been given to somebody. */
  readonly given = new Set<string>();

  publish(records: readonly Omit<QueueRecord, 'id'>[]): void {
    for (const record of records) {
      this.#published += 1;
      this.waiting.push({ headers: {}, ...record, id: `${this.#published}-0` });
    }
    this.wake();
  }

  join(reader: MemorySource): void {
    this.#readers.push(reader);
    this.wake();
  }

  leave(reader: MemorySource): void {
    const at = this.#readers.indexOf(reader);
    if (at >= 0) this.#readers.splice(at, 1);
    this.wake();
  }

  wake(): void {
    for (const [at, reader] of this.#readers.entries()) reader.wake(at === 0);
  }
}

const mostInBatch = 100;

/** The reference of `Source`, in this process: at least once, one reader at a time. */
export class MemorySource implements Source {
  readonly kind = 'stream';
  readonly #queue: MemoryQueue;
  readonly #listeners: (() => void)[] = [];
  #state: SourceState = 'connecting';
  #take: TakeBatch | undefined;
  #underWay: Promise<void> | undefined;
  #redelivered = 0;

  constructor(queue: MemoryQueue) {
    this.#queue = queue;
  }

  get status(): SourceStatus {
    const figures = { redelivered: this.#redelivered };
    return { state: this.#state, failure: undefined, lag: this.#queue.waiting.length, figures };
  }

  start(take: TakeBatch): void {
    this.#take = take;
    this.#queue.join(this);
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#become('closed');
    await Promise.race([this.#underWay, delay(2000, undefined, { ref: false })]);
    this.#queue.leave(this);
  }

  onState(listener: () => void): void {
    this.#listeners.push(listener);
  }

  wake(isFirst: boolean): void {
    if (this.#state === 'closed') return;
    this.#become(isFirst ? 'reading' : 'standby');
    if (isFirst && this.#underWay === undefined && this.#queue.waiting.length > 0) {
      this.#underWay = this.#handOn().finally(() => {
        this.#underWay = undefined;
        this.#queue.wake();
      });
    }
  }

  async #handOn(): Promise<void> {
    const batch = this.#queue.waiting.slice(0, mostInBatch);
    for (const { id = '' } of batch) {
      if (this.#queue.given.has(id)) this.#redelivered += 1;
      this.#queue.given.add(id);
    }
    const verdicts = await this.#ask(batch);
    for (const [at, verdict] of verdicts?.entries() ?? []) {
      if (verdict.is === 'poison') this.#queue.parked.push({ body: batch[at]?.body as Buffer, reason: verdict.reason });
    }
    if (verdicts !== undefined) this.#queue.waiting.splice(0, batch.length);
  }

  async #ask(batch: readonly QueueRecord[]): Promise<readonly Verdict[] | undefined> {
    for (;;) {
      try {
        return await this.#take?.(batch);
      } catch {
        await delay(5);
        if (this.#state === 'closed') return undefined;
      }
    }
  }

  #become(state: SourceState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
