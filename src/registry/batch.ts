import { type Dialect, dialects } from '../api/dialect.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { PreparedMessage } from '../wire/prepared-message.ts';
import type { Connection } from './connection.ts';
import { deliver } from './fanout.ts';
import { type FanoutResult, type Outcome, Tally } from './tally.ts';

/** A member's way through the messages of its audience. */
export interface Place {
  readonly connection: Connection;
  /** How many of the audience's messages this member is past; it gets those from here on. */
  position: number;
}

/** All frames of a batch in one dialect. */
interface Parcel {
  readonly dialect: Dialect;
  readonly bytes: Buffer;
  /** Where each message begins; one more than messages. */
  readonly starts: readonly number[];
  /** Every message has a form in this dialect. */
  readonly isComplete: boolean;
}

/** A message for an audience. */
export interface Pushed {
  readonly prepared: PreparedMessage;
  readonly exclude: ReadonlySet<Connection> | undefined;
  /** Members that are closing are told nothing, and are no failed delivery. */
  readonly isNotice: boolean;
}

/**
 * Messages on their way to the members of an audience. They are put together once for each dialect, and every member that gets
 * all of them is handed the same buffer. A member that came later gets the end of it, one that goes earlier the beginning, one that is
 * left out of a message or lags the messages one by one.
 */
export class Batch {
  /** The audience's position of its first message. */
  readonly start: number;
  /** Resolves with what each message met. */
  readonly whenDone: Promise<readonly FanoutResult[]>;
  readonly #done: PromiseWithResolvers<readonly FanoutResult[]>;
  readonly #counters: Counters | undefined;
  readonly #messages: Pushed[] = [];
  readonly #parcels = new Map<Dialect, Parcel>();
  #last: Parcel | undefined;
  readonly #tally = new Tally();
  readonly #sizes: Record<Dialect, number> = { json: 0, yunque: 0, cim: 0, 'cim-json': 0 };
  readonly #begunAt: number;
  #excluded: Set<Connection> | undefined;
  #handed: Connection[] = [];
  #handedFrom: number[] = [];

  constructor(start: number, counters: Counters | undefined) {
    this.start = start;
    this.#counters = counters;
    this.#begunAt = performance.now();
    this.#done = Promise.withResolvers();
    this.whenDone = this.#done.promise;
  }

  get end(): number {
    return this.start + this.#messages.length;
  }

  /** Answers the message's place in the batch. `spoken`: the dialects of the members there are. */
  add(pushed: Pushed, spoken: Readonly<Record<Dialect, number>>): number {
    for (const dialect of dialects) {
      if (spoken[dialect] > 0) this.#sizes[dialect] += pushed.prepared.frameFor(dialect)?.length ?? 0;
    }
    if (pushed.exclude !== undefined) {
      this.#excluded ??= new Set();
      for (const connection of pushed.exclude) this.#excluded.add(connection);
    }
    return this.#messages.push(pushed) - 1;
  }

  /** Bytes, in the dialect that has most. */
  get size(): number {
    return Math.max(...Object.values(this.#sizes));
  }

  /** Hands a member its part, to be written when `flush` is called. From now on nothing may be added. */
  hand(place: Place): void {
    const count = this.#messages.length;
    const from = Math.max(0, place.position - this.start);
    if (from >= count) return;
    if (!this.#handAtOnce(place.connection, from, count)) {
      this.giveSingly(place);
      return;
    }
    place.position = this.end;
    this.#handed.push(place.connection);
    this.#handedFrom.push(from);
  }

  /** Gives a member at once what it has not had yet of the messages that are here so far, one by one. */
  giveSingly(place: Place): void {
    const { connection } = place;
    const count = this.#messages.length;
    const from = Math.max(0, place.position - this.start);
    if (from >= count) return;
    place.position = this.end;
    for (let at = from; at < count; at += 1) {
      const outcome = this.#give(connection, this.#messages[at] as Pushed);
      if (outcome !== undefined) this.#tally.addPart(outcome, at, at + 1);
    }
  }

  /** Lets those that were handed something since the last `settle` write it. */
  flush(): void {
    for (let at = 0; at < this.#handed.length; at += 1) (this.#handed[at] as Connection).flush();
  }

  /** Counts what became of those that were handed something. */
  settle(): void {
    const count = this.#messages.length;
    let sent = 0;
    let queued = 0;
    for (let at = 0; at < this.#handed.length; at += 1) {
      const connection = this.#handed[at] as Connection;
      const from = this.#handedFrom[at] as number;
      const outcome = connection.isBackedUp ? 'queued' : 'sent';
      if (this.#counters !== undefined) this.#counters.deliveries[connection.dialect] += count - from;
      if (from > 0) this.#tally.addPart(outcome, from, count);
      else if (outcome === 'sent') sent += 1;
      else queued += 1;
    }
    this.#tally.addWhole('sent', sent);
    this.#tally.addWhole('queued', queued);
    this.#handed = [];
    this.#handedFrom = [];
  }

  /** Every member has been served. */
  finish(): void {
    this.#counters?.fanouts.observe((performance.now() - this.#begunAt) / 1000);
    this.#done.resolve(this.#tally.results(this.#messages.length));
  }

  #handAtOnce(connection: Connection, from: number, count: number): boolean {
    if (this.#excluded?.has(connection) === true || !connection.isOpen) return false;
    const { bytes, starts, isComplete } = this.#parcel(connection.dialect);
    if (!isComplete) return false;
    return connection.writeMany(from === 0 ? bytes : bytes.subarray(starts[from]), count - from);
  }

  /** What became of it; undefined where it was not meant for this connection. */
  #give(connection: Connection, { prepared, exclude, isNotice }: Pushed): Outcome | undefined {
    if (exclude?.has(connection)) return undefined;
    if (isNotice && !connection.isOpen) return undefined;
    const reason = deliver(connection, prepared);
    if (reason === undefined) {
      if (this.#counters !== undefined) this.#counters.deliveries[connection.dialect] += 1;
      return connection.isBackedUp ? 'queued' : 'sent';
    }
    this.#counters?.drop(reason);
    return reason;
  }

  /** Neighbours mostly speak the same dialect. */
  #parcel(dialect: Dialect): Parcel {
    if (this.#last?.dialect === dialect) return this.#last;
    let parcel = this.#parcels.get(dialect);
    if (parcel === undefined) {
      parcel = pack(this.#messages, dialect);
      this.#parcels.set(dialect, parcel);
    }
    this.#last = parcel;
    return parcel;
  }
}

function pack(messages: readonly Pushed[], dialect: Dialect): Parcel {
  const frames: Buffer[] = [];
  const starts = [0];
  let size = 0;
  for (const { prepared } of messages) {
    const frame = prepared.frameFor(dialect);
    if (frame !== undefined) frames.push(frame);
    size += frame?.length ?? 0;
    starts.push(size);
  }
  const only = frames[0];
  const bytes = frames.length === 1 && only !== undefined ? only : Buffer.concat(frames, size);
  return { dialect, bytes, starts, isComplete: frames.length === messages.length };
}
