/** A connection that was written to. */
export interface Flushable {
  flush(): void;
}

/** Somebody who hands frames to many connections, a bounded number of them each turn. */
export interface Spreading {
  /** Whether a turn with nothing else is one that `onRun` is told of. */
  readonly isCounted: boolean;
  /** Hands out the next frames until they cost as much as `room` writes to a socket; answers what they cost. */
  hand(room: number): number;
  /** Lets the connections it handed frames to write them. */
  flush(): void;
  /** Those sockets have been written to; true when there is more to hand out. */
  settle(): boolean;
}

/** Sockets written to before the loop gets a turn: some 15 ms of them. */
const socketsPerTurn = 2000;

/**
 * What happens when a turn of the event loop ends: audiences hand out their batches, and everything written to a connection in the
 * turn leaves in one write. Many sockets, or much for each, are written to in slices, a slice a turn; audiences take turns then.
 */
export class EndOfTurn {
  readonly #slice: number;
  readonly #onRun: ((seconds: number) => void) | undefined;
  #connections: Flushable[] = [];
  #audiences: Spreading[] = [];
  #isDue = false;
  #flushed: PromiseWithResolvers<void> | undefined;
  /** Those that wait for connections that were added in earlier turns. */
  readonly #told: { readonly added: number; readonly flushed: PromiseWithResolvers<void> }[] = [];
  /** Connections added so far, and of those the ones that have been flushed. */
  #added = 0;
  #written = 0;

  /** `onRun`: told how long each end of a turn took in which something counted left. */
  constructor({ slice = socketsPerTurn, onRun }: { slice?: number; onRun?: (seconds: number) => void } = {}) {
    this.#slice = slice;
    this.#onRun = onRun;
  }

  /** Call once per turn and connection, on its first write. */
  add(connection: Flushable): void {
    this.#connections.push(connection);
    this.#added += 1;
    this.#due();
  }

  /** Call once, until `settle` has answered false. */
  spread(audience: Spreading): void {
    this.#audiences.push(audience);
    this.#due();
  }

  /** Resolves when what has been written so far has been offered to the sockets. */
  flushed(): Promise<void> {
    if (this.#connections.length === 0 && !this.#isDue) return Promise.resolve();
    this.#flushed ??= Promise.withResolvers();
    return this.#flushed.promise;
  }

  /** So many connections have been written to that nobody should write in this turn who can wait for `room`. */
  get isFull(): boolean {
    return this.#connections.length >= this.#slice;
  }

  /** Resolves when there is room again; those that wait go on in the order in which they came, and before whoever comes later. */
  async room(): Promise<void> {
    while (this.isFull) await this.flushed();
  }

  run(): void {
    const startedAt = this.#onRun && performance.now();
    let isCounted = this.#connections.length > 0;
    if (this.#flushed !== undefined) this.#told.push({ added: this.#added, flushed: this.#flushed });
    this.#flushed = undefined;
    this.#isDue = false;
    const audiences = this.#audiences;
    this.#audiences = [];
    let room = this.#slice;
    let served = 0;
    for (; served < audiences.length && room > 0; served += 1) {
      const audience = audiences[served] as Spreading;
      isCounted ||= audience.isCounted;
      room -= audience.hand(room);
    }
    for (let at = 0; at < served; at += 1) (audiences[at] as Spreading).flush();
    this.#flushConnections();
    // Who was not served this time is before those who were and have more.
    const waiting = audiences.slice(served);
    for (let at = 0; at < served; at += 1) {
      const audience = audiences[at] as Spreading;
      if (audience.settle()) waiting.push(audience);
    }
    this.#audiences.unshift(...waiting);
    if (this.#audiences.length > 0 || this.#connections.length > 0) this.#due();
    if (startedAt !== undefined && isCounted) this.#onRun?.((performance.now() - startedAt) / 1000);
    while (this.#told.length > 0 && (this.#told[0]?.added ?? 0) <= this.#written) this.#told.shift()?.flushed.resolve();
  }

  #flushConnections(): void {
    const connections = this.#connections;
    this.#connections = connections.length > this.#slice ? connections.slice(this.#slice) : [];
    const now = Math.min(connections.length, this.#slice);
    for (let at = 0; at < now; at += 1) (connections[at] as Flushable).flush();
    this.#written += now;
  }

  #due(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => this.run());
  }
}
