import type { SnapshotList, SnapshotListKind, SnapshotQuery } from '../../api/snapshot.ts';
import type { SampleTime } from '../../client/rates.ts';
import type { Feed } from './feed.ts';
import { logLimit } from './followers.ts';
import { afterStep, logAfter } from './log.ts';
import type { RecordedLine } from './recording.ts';
import { type AskedList, afterAnswer, afterFailure, listAfter } from './sampler.ts';
import { emptySnapshot, type ListPage, type Snapshot } from './snapshot.ts';

export interface ReplayOptions {
  readonly lines: AsyncIterator<RecordedLine, void>;
  /** Of the last line. */
  readonly endMs: number;
  /** A steady clock in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

const historyLimit = 240;

/** Plays a recording at the pace of its times, and stands still at its end. Reads a line at a time. */
export class Replay implements Feed {
  readonly #options: Required<ReplayOptions>;
  readonly #listeners = new Set<() => void>();
  readonly #lists = new Map<string, { readonly list: SnapshotList }>();
  readonly #streams = { events: false, copies: false };
  #snapshot: Snapshot;
  #next: RecordedLine | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastTime: SampleTime | undefined;
  #asked: AskedList | undefined;
  /** Where the recording stood when its pace changed last, and when that was. */
  #since = { recordedMs: 0, realMs: 0 };
  #speed = 1;
  #isHeld = false;
  #isClosed = false;

  constructor(options: ReplayOptions) {
    this.#options = { now: () => performance.now(), ...options };
    this.#snapshot = { ...emptySnapshot, recording: { atMs: 0, endMs: options.endMs, isOver: false } };
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Goes on from where `first` has stopped. */
  start(): void {
    this.#since = { recordedMs: this.#snapshot.recording?.atMs ?? 0, realMs: this.#options.now() };
    void this.#advance();
  }

  /** Up to and with the first answer. Rejects where the recording cannot be read. */
  async first(): Promise<Snapshot> {
    while (this.#snapshot.stats === undefined && (await this.#takeNext()));
    return this.#snapshot;
  }

  /** All of it, without waiting. */
  async last(): Promise<Snapshot> {
    while (await this.#takeNext());
    return this.#snapshot;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#listeners.clear();
    void this.#options.lines.return?.();
  }

  /** A recording has the pace of its own times. */
  setIntervalMs(): void {}

  setSpeed(speed: number): void {
    this.#changePace(() => {
      this.#speed = speed;
    });
  }

  hold(isHeld: boolean): void {
    this.#changePace(() => {
      this.#isHeld = isHeld;
    });
  }

  watchList(asked: SnapshotQuery | undefined): void {
    this.#asked = asked?.list === undefined ? undefined : { kind: asked.list, query: asked.query ?? {} };
    this.#emit({ ...this.#snapshot, list: this.#listNow() });
  }

  watchEvents(query: object | undefined): void {
    this.#emit({ ...this.#snapshot, events: this.#logFor('events', query, this.#snapshot.events) });
  }

  watchCopies(query: object | undefined): void {
    this.#emit({ ...this.#snapshot, copies: this.#logFor('copies', query, this.#snapshot.copies) });
  }

  #changePace(change: () => void): void {
    this.#since = { recordedMs: this.#position(), realMs: this.#options.now() };
    change();
    clearTimeout(this.#timer);
    if (this.#next) this.#wait(this.#next);
  }

  /** Where the recording stands now. */
  #position(): number {
    const passed = this.#isHeld ? 0 : (this.#options.now() - this.#since.realMs) * this.#speed;
    return this.#since.recordedMs + passed;
  }

  /** Takes what is due, then waits for what is not. Rejects nothing: the recording has been read once before. */
  async #advance(): Promise<void> {
    for (;;) {
      const read = await this.#options.lines.next().catch(() => ({ done: true, value: undefined }) as const);
      if (this.#isClosed) return;
      if (read.done) return this.#end();
      if (this.#isHeld || read.value.at > this.#position()) {
        this.#next = read.value;
        this.#wait(read.value);
        return;
      }
      this.#take(read.value);
    }
  }

  #wait(line: RecordedLine): void {
    if (this.#isHeld || this.#isClosed) return;
    const inMs = (line.at - this.#position()) / this.#speed;
    this.#timer = setTimeout(
      () => {
        this.#next = undefined;
        this.#take(line);
        void this.#advance();
      },
      Math.max(0, Math.min(inMs, 2 ** 31 - 1)),
    );
  }

  async #takeNext(): Promise<boolean> {
    const read = await this.#options.lines.next();
    if (read.done) this.#end();
    else this.#take(read.value);
    return !read.done;
  }

  #end(): void {
    const { endMs } = this.#options;
    this.#emit({ ...this.#snapshot, recording: { atMs: endMs, endMs, isOver: true } });
  }

  #take(line: RecordedLine): void {
    const recording = { atMs: line.at, endMs: this.#options.endMs, isOver: false };
    const snapshot: Snapshot = { ...this.#snapshot, recording };
    switch (line.type) {
      case 'sample': {
        const now = { serverMs: line.stats.time, askedMs: line.at - line.tookMs, answeredMs: line.at };
        this.#emit(afterAnswer(snapshot, line.stats, { before: this.#lastTime, now, limit: historyLimit }));
        this.#lastTime = now;
        return;
      }
      case 'failure': {
        const ageMs = this.#lastTime ? line.at - this.#lastTime.answeredMs : 0;
        this.#emit(afterFailure(snapshot, new Error(line.message), ageMs, historyLimit));
        return;
      }
      case 'list':
        this.#lists.set(keyOfList(line.list.kind, line.query), { list: line.list });
        this.#emit({ ...snapshot, list: this.#listNow() });
        return;
      case 'stream':
        this.#streams[line.stream] = line.isOpen;
        this.#emit({
          ...snapshot,
          [line.stream]: logAfter(snapshot[line.stream], line.isOpen ? 'connecting' : 'closed'),
        });
        return;
      case 'event':
        this.#emit({ ...snapshot, events: afterStep(snapshot.events, line.step, logLimit) });
        return;
      case 'copy':
        this.#emit({ ...snapshot, copies: afterStep(snapshot.copies, line.step, logLimit) });
        return;
      default:
        line satisfies never;
    }
  }

  /** The last list of that kind that was recorded, whatever its filter and order: there is no other. */
  #listNow(): ListPage | undefined {
    if (!this.#asked) return undefined;
    const known = this.#lists.get(keyOfList(this.#asked.kind, this.#asked.query));
    const none = new Error('the recording holds no such list up to here');
    return listAfter(undefined, this.#asked, known?.list ?? none);
  }

  #logFor<K extends 'events' | 'copies'>(stream: K, query: object | undefined, log: Snapshot[K]): Snapshot[K] {
    if (query === undefined || this.#streams[stream]) return log;
    return { ...logAfter(log, 'failing'), error: `the recording holds no ${stream} here` };
  }

  #emit(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Slow clients are a list beside that of all. */
function keyOfList(kind: SnapshotListKind, { where = [] }: AskedList['query']): string {
  const isSlow = where.some(({ field, op }) => field === 'queueBytes' && op === '>');
  return isSlow ? `slow ${kind}` : kind;
}
