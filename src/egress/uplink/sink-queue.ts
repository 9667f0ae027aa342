import type { Sink, SinkRecord } from '../sink.ts';
import { type Answer, answers } from './request.ts';

export interface SinkQueueOptions {
  readonly sink: Sink;
  /** A request waits for so long, for its turn and for being taken together. */
  readonly timeoutMs: number;
  /** Records of one hand-over, and their bytes; a record that is larger goes alone. */
  readonly mostRecords?: number;
  readonly mostBytes?: number;
  /** `reason` is for the operator. */
  readonly onFault: (reason: string) => void;
  readonly now?: () => number;
}

interface Waiting {
  readonly record: SinkRecord;
  readonly dueAt: number;
  readonly answer: (answer: Answer) => void;
  isAnswered: boolean;
}

/**
 * Requests on their way to a sink, in their order: one hand-over at a time, of all that has come meanwhile. What the sink has taken is answered 202, what it refuses 503, what waits
 * for too long 504; that one is not handed over any more, unless it was under way. How many may wait is not judged here.
 */
export class SinkQueue {
  readonly #options: SinkQueueOptions;
  readonly #now: () => number;
  #queue: Waiting[] = [];
  #underWay: readonly Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly figures = { sent: 0, failed: 0, dropped: 0 };

  constructor(options: SinkQueueOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Now, those that are being handed over included. */
  get waiting(): number {
    return this.#queue.length + this.#underWay.length;
  }

  /** Never rejects. */
  ask(record: SinkRecord): Promise<Answer> {
    return new Promise((answer) => {
      const dueAt = this.#now() + this.#options.timeoutMs;
      this.#queue.push({ record, dueAt, answer, isAnswered: false });
      this.#watch();
      if (this.#underWay.length === 0) void this.#handOver();
    });
  }

  /** What still waits is answered; nothing more is handed over. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const waiting of [...this.#underWay, ...this.#queue]) settle(waiting, answers.down);
    this.#queue = [];
  }

  async #handOver(): Promise<void> {
    for (;;) {
      const batch = this.#takeBatch();
      this.#underWay = batch;
      if (batch.length === 0) return;
      const answer = await this.#send(batch);
      for (const waiting of batch) settle(waiting, answer);
    }
  }

  async #send(batch: readonly Waiting[]): Promise<Answer> {
    try {
      await this.#options.sink.send(batch.map(({ record }) => record));
      this.figures.sent += batch.length;
      return answers.accepted;
    } catch (error) {
      this.figures.failed += batch.length;
      this.#options.onFault((error as Error).message);
      return answers.down;
    }
  }

  #takeBatch(): Waiting[] {
    const { mostRecords = 500, mostBytes = 1024 * 1024 } = this.#options;
    let count = 0;
    let bytes = 0;
    for (const { record } of this.#queue) {
      bytes += record.body.length;
      if (count === mostRecords || (count > 0 && bytes > mostBytes)) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  /** One timer, for the oldest that waits: all wait equally long. */
  #watch(): void {
    this.#timer ??= setTimeout(() => this.#onDue(), this.#options.timeoutMs);
  }

  #onDue(): void {
    const nowMs = this.#now();
    // Timers may come a fraction of a millisecond early.
    const isDue = ({ dueAt }: Waiting) => dueAt <= nowMs + 1;
    for (const waiting of this.#underWay) if (isDue(waiting)) settle(waiting, answers.late);
    const firstLeft = this.#queue.findIndex((waiting) => !isDue(waiting));
    const late = this.#queue.splice(0, firstLeft < 0 ? this.#queue.length : firstLeft);
    for (const waiting of late) settle(waiting, answers.late);
    this.figures.dropped += late.length;
    const oldest = this.#underWay.find(({ isAnswered }) => !isAnswered) ?? this.#queue[0];
    this.#timer = undefined;
    if (oldest !== undefined) this.#timer = setTimeout(() => this.#onDue(), Math.max(1, oldest.dueAt - nowMs));
  }
}

function settle(waiting: Waiting, answer: Answer): void {
  if (waiting.isAnswered) return;
  waiting.isAnswered = true;
  waiting.answer(answer);
}
