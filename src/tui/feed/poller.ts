import type { SnapshotAnswer, SnapshotQuery } from '../../api/snapshot.ts';
import type { TailQuery } from '../../api/tail.ts';
import type { EventQuery } from '../../client/events.ts';
import type { SampleTime } from '../../client/rates.ts';
import type { Feed, TopSource } from './feed.ts';
import { createFollowers, type Followers } from './followers.ts';
import type { Record } from './recording.ts';
import { type AskedList, afterAnswer, afterFailure, listAfter } from './sampler.ts';
import { emptySnapshot, type Snapshot } from './snapshot.ts';

export interface PollerOptions {
  readonly source: TopSource;
  /** From the start of one sample to the start of the next. */
  readonly intervalMs: number;
  /** An answer later than this counts as none (the question stays open and is not asked twice). Default 3000. */
  readonly patienceMs?: number;
  /** Points of history kept for each series. Default 240. */
  readonly historyLimit?: number;
  /** A steady clock in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
  /** Told everything that comes. */
  readonly record?: Record | undefined;
}

/** A question that is open. */
interface Question {
  readonly list: AskedList | undefined;
  readonly askedMs: number;
  readonly answer: Promise<SnapshotAnswer>;
  /** A sample has given it up. */
  isLate: boolean;
}

const noAnswer = Symbol('no answer in time');

/**
 * Samples a server at an interval and turns the answers into snapshots. It knows no screen. It never rejects while
 * running: a server that does not answer makes snapshots whose link is `failing`, a gap in the history, and another try.
 * At most one question is open at any time, for the figures and the list together.
 */
export class Poller implements Feed {
  readonly #options: Required<Omit<PollerOptions, 'record'>> & Pick<PollerOptions, 'record'>;
  readonly #listeners = new Set<() => void>();
  readonly #followers: Followers;
  #snapshot = emptySnapshot;
  #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #question: Question | undefined;
  #lastTime: SampleTime | undefined;
  #list: AskedList | undefined;
  #isHeld = false;
  #isClosed = false;

  constructor(options: PollerOptions) {
    this.#options = { patienceMs: 3000, historyLimit: 240, now: () => performance.now(), ...options };
    this.#intervalMs = options.intervalMs;
    this.#followers = createFollowers(
      options.source,
      (patch) => this.#emit({ ...this.#snapshot, ...patch }),
      options.record,
    );
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  get intervalMs(): number {
    return this.#intervalMs;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Samples now and then at every interval, until `close`. */
  start(): void {
    this.#running = true;
    void this.#tick();
  }

  /** Takes effect at once: the next sample is one new interval away. */
  setIntervalMs(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    if (this.#timer) this.#schedule(intervalMs);
  }

  /** Of the present there is one speed. */
  setSpeed(): void {}

  watchList(asked: SnapshotQuery | undefined): void {
    this.#list = asked?.list === undefined ? undefined : { kind: asked.list, query: asked.query ?? {} };
    if (!this.#list) this.#emit({ ...this.#snapshot, list: undefined });
    // Between two samples, whose pace the figures keep.
    else if (!this.#question) this.#ask(this.#list);
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
  }

  watchEvents(query: EventQuery | undefined): void {
    this.#followers.events.watch(query);
  }

  watchCopies(query: TailQuery | undefined): void {
    this.#followers.copies.watch(query);
  }

  close(): void {
    this.#running = false;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
    this.#followers.events.close();
    this.#followers.copies.close();
  }

  /** Takes one sample, the watched list included. Resolves with the snapshot whether or not there was an answer. */
  async sample(): Promise<Snapshot> {
    const { patienceMs } = this.#options;
    const question = this.#question ?? this.#ask(this.#isHeld ? undefined : this.#list);
    question.isLate = false;
    const answer = await withPatience(question.answer, patienceMs).catch(asError);
    question.isLate = answer === noAnswer;
    if (answer === noAnswer) this.#fail(new Error(`no answer within ${patienceMs / 1000} s`));
    else if (answer instanceof Error) this.#fail(answer);
    else this.#take(question, answer);
    return this.#snapshot;
  }

  #take({ askedMs }: Question, { stats }: SnapshotAnswer): void {
    const { now, historyLimit, record } = this.#options;
    const time = { serverMs: stats.time, askedMs, answeredMs: now() };
    record?.({ type: 'sample', tookMs: Math.round(time.answeredMs - askedMs), stats });
    this.#emit(afterAnswer(this.#snapshot, stats, { before: this.#lastTime, now: time, limit: historyLimit }));
    this.#lastTime = time;
  }

  #fail(error: Error): void {
    const { now, historyLimit, record } = this.#options;
    record?.({ type: 'failure', message: error.message });
    const ageMs = this.#lastTime ? now() - this.#lastTime.answeredMs : 0;
    this.#emit(afterFailure(this.#snapshot, error, ageMs, historyLimit));
  }

  async #tick(): Promise<void> {
    this.#timer = undefined;
    const startedMs = this.#options.now();
    await this.sample();
    if (!this.#running) return;
    this.#schedule(Math.max(0, this.#intervalMs - (this.#options.now() - startedMs)));
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tick(), delayMs);
  }

  /** It is taken whoever waits for it, and also where it is later than anybody's patience. */
  #ask(list: AskedList | undefined): Question {
    const asked = list && { list: list.kind, query: list.query };
    const answer = this.#options.source.snapshot(asked);
    const question: Question = { list, askedMs: this.#options.now(), answer, isLate: false };
    this.#question = question;
    void answer.catch(asError).then((came) => {
      this.#question = undefined;
      if (this.#isClosed) return;
      if (question.isLate && !(came instanceof Error)) this.#take(question, came);
      if (list && !(came instanceof Error) && came.list) {
        this.#options.record?.({ type: 'list', query: list.query, list: came.list });
      }
      if (list && list === this.#list) {
        this.#emit({
          ...this.#snapshot,
          list: listAfter(this.#snapshot.list, list, came instanceof Error ? came : came.list),
        });
      } else if (this.#list && !this.#isAnswered(this.#list)) this.#ask(this.#list);
    });
    return question;
  }

  #isAnswered({ query }: AskedList): boolean {
    return this.#snapshot.list?.query === query;
  }

  #emit(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    for (const listener of [...this.#listeners]) listener();
  }
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}

async function withPatience<T>(answer: Promise<T>, patienceMs: number): Promise<T | typeof noAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<typeof noAnswer>((resolve) => {
    timer = setTimeout(() => resolve(noAnswer), patienceMs);
  });
  try {
    return await Promise.race([answer, patience]);
  } finally {
    clearTimeout(timer);
  }
}
