import type { Sink, SinkRecord, SinkStatus } from '../../src/egress/sink.ts';

/** A sink that keeps what it is given, and does what a test asks of it. */
export class MemorySink implements Sink {
  readonly kind = 'stream';
  /** Batches that were taken. */
  readonly taken: (readonly SinkRecord[])[] = [];
  /** Each `send`, taken or not. */
  readonly tried: (readonly SinkRecord[])[] = [];
  readonly #listeners: (() => void)[] = [];
  #failure: string | undefined;
  #isClosed = false;
  #isHeld = false;
  #held = Promise.withResolvers<void>();

  get records(): readonly SinkRecord[] {
    return this.taken.flat();
  }

  get status(): SinkStatus {
    if (this.#isClosed) return { state: 'closed', failure: 'closed' };
    return { state: this.#failure === undefined ? 'ready' : 'failing', failure: this.#failure };
  }

  /** Takes nothing from now on; undefined: takes all again. */
  fail(failure: string | undefined): void {
    this.#failure = failure;
    this.#tell();
  }

  /** `send` waits until `release`. */
  hold(): void {
    this.#isHeld = true;
    this.#held = Promise.withResolvers<void>();
  }

  release(): void {
    this.#isHeld = false;
    this.#held.resolve();
  }

  async send(records: readonly SinkRecord[]): Promise<void> {
    this.tried.push(records);
    if (this.#isHeld) await this.#held.promise;
    const { failure } = this.status;
    if (failure !== undefined) throw new Error(failure);
    if (records.length > 0) this.taken.push(records);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.release();
    this.#tell();
  }

  onState(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
