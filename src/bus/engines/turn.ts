/** Messages that go as one, with who waits to hear what became of them. */
export interface Batch {
  readonly messages: Buffer[];
  readonly waiting: PromiseWithResolvers<void>[];
  bytes: number;
}

/** A batch leaves before it is larger than this, unless a single message is. */
const largestBatchBytes = 512 * 1024;

/** Gathers what is broadcast in one turn of the loop, and hands it on in order. */
export class Turn {
  readonly #send: (batch: Batch) => void;
  #open: Batch | undefined;

  constructor(send: (batch: Batch) => void) {
    this.#send = send;
  }

  /** Settles as `settle` says for the batch it came into. */
  add(message: Buffer): Promise<void> {
    if (this.#open !== undefined && this.#open.bytes + message.length > largestBatchBytes) this.flush();
    if (this.#open === undefined) {
      this.#open = { messages: [], waiting: [], bytes: 0 };
      setImmediate(() => this.flush());
    }
    const waiter = Promise.withResolvers<void>();
    this.#open.messages.push(message);
    this.#open.waiting.push(waiter);
    this.#open.bytes += message.length;
    return waiter.promise;
  }

  flush(): void {
    const batch = this.#open;
    if (batch === undefined) return;
    this.#open = undefined;
    this.#send(batch);
  }
}

/** Tells those who wait, once: without an error that all was taken. */
export function settle(batch: Batch, error?: Error): void {
  for (const waiter of batch.waiting.splice(0)) {
    if (error === undefined) waiter.resolve();
    else waiter.reject(error);
  }
}
