import { type Dialect, dialects } from '../api/dialect.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { PreparedMessage } from '../wire/prepared-message.ts';
import type { Connection } from './connection.ts';
import { deliver } from './fanout.ts';
import { Parcel } from './parcel.ts';
import { type FanoutResult, type Outcome, Tally } from './tally.ts';

/** A member's way through the messages of its audience. */
export interface Place {
  readonly connection: Connection;
  /** How many of the audience's messages this member is past; it gets those from here on. */
  position: number;
}

/** A message for an audience. */
export interface Pushed {
  readonly prepared: PreparedMessage;
  readonly exclude: ReadonlySet<Connection> | undefined;
  /** Members that are closing are told nothing, and are no failed delivery. */
  readonly isNotice: boolean;
}

/** Frames that a connection was handed at once, of the messages from `from` to `to`. */
interface Handed {
  readonly connection: Connection;
  readonly from: number;
  readonly to: number;
}

/** What a socket is written costs as much as one write more for every so many bytes, or messages one by one. */
const bytesPerUnit = 16 * 1024;
const messagesPerUnit = 4;

/**
 * Messages on their way to the members of an audience. They are put together once for each dialect, and every member that gets
 * all of them is handed the same buffer. A member that came later gets the end of it, one that goes earlier the beginning, one that is
 * left out of a message the parts around it; one that lags gets them one by one, so that each meets the rule of its class.
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
  /** The messages that leave a connection out, in order. */
  #leftOut: Map<Connection, number[]> | undefined;
  #leftOutCount = 0;
  #mustArrive = false;
  #handed: Handed[] = [];

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
    const { prepared, exclude } = pushed;
    for (const dialect of dialects) {
      if (spoken[dialect] > 0) this.#sizes[dialect] += prepared.frameFor(dialect)?.length ?? 0;
    }
    const at = this.#messages.push(pushed) - 1;
    if (prepared.slow === undefined) this.#mustArrive = true;
    if (exclude !== undefined) for (const connection of exclude) this.#leaveOut(connection, at);
    return at;
  }

  /** Bytes held for it: in the dialect that has most, and for whom its messages leave out. */
  get size(): number {
    return Math.max(...Object.values(this.#sizes)) + this.#leftOutCount * 16;
  }

  /** Hands a member what it has not had yet of the messages that are here so far, to be written when `flush` is called. Answers what it costs, in writes. */
  hand(place: Place): number {
    const count = this.#messages.length;
    const from = Math.max(0, place.position - this.start);
    if (from >= count) return 1;
    place.position = this.end;
    const { connection } = place;
    let cost = 0;
    let at = from;
    for (const hole of this.#leftOut?.get(connection) ?? []) {
      if (hole < from) continue;
      cost += this.#handPart(connection, at, hole);
      at = hole + 1;
    }
    return cost + this.#handPart(connection, at, count);
  }

  /** Lets those that were handed something since the last `settle` write it. */
  flush(): void {
    for (let at = 0; at < this.#handed.length; at += 1) (this.#handed[at] as Handed).connection.flush();
  }

  /** Counts what became of those that were handed something. From the first time on nothing may be added. */
  settle(): void {
    const count = this.#messages.length;
    let sent = 0;
    let queued = 0;
    for (let at = 0; at < this.#handed.length; at += 1) {
      const { connection, from, to } = this.#handed[at] as Handed;
      const outcome = connection.isBackedUp ? 'queued' : 'sent';
      if (this.#counters !== undefined) this.#counters.deliveries[connection.dialect] += to - from;
      if (from > 0 || to < count) this.#tally.addPart(outcome, from, to);
      else if (outcome === 'sent') sent += 1;
      else queued += 1;
    }
    this.#tally.addWhole('sent', sent);
    this.#tally.addWhole('queued', queued);
    this.#handed = [];
  }

  /** Every member has been served. */
  finish(): void {
    this.#counters?.fanouts.observe((performance.now() - this.#begunAt) / 1000);
    this.#done.resolve(this.#tally.results(this.#messages.length));
  }

  #leaveOut(connection: Connection, at: number): void {
    this.#leftOut ??= new Map();
    this.#leftOutCount += 1;
    const holes = this.#leftOut.get(connection);
    if (holes === undefined) this.#leftOut.set(connection, [at]);
    else holes.push(at);
  }

  #handPart(connection: Connection, from: number, to: number): number {
    if (from >= to) return 0;
    const parcel = connection.isOpen ? this.#parcel(connection.dialect) : undefined;
    if (parcel?.isComplete === true) {
      const frames = parcel.frames(from, to);
      if (connection.writeMany(frames, to - from, this.#mustArrive)) {
        this.#handed.push({ connection, from, to });
        return 1 + frames.length / bytesPerUnit;
      }
    }
    for (let at = from; at < to; at += 1) {
      const outcome = this.#give(connection, this.#messages[at] as Pushed);
      if (outcome !== undefined) this.#tally.addPart(outcome, at, at + 1);
    }
    return 1 + (to - from) / messagesPerUnit;
  }

  /** What became of it; undefined where nobody is to know. */
  #give(connection: Connection, { prepared, isNotice }: Pushed): Outcome | undefined {
    if (isNotice && !connection.isOpen) return undefined;
    const reason = deliver(connection, prepared);
    if (reason === undefined) {
      if (this.#counters !== undefined) this.#counters.deliveries[connection.dialect] += 1;
      return connection.isBackedUp ? 'queued' : 'sent';
    }
    this.#counters?.drop(reason);
    return reason;
  }

  /** With all messages that are here so far. Neighbours mostly speak the same dialect. */
  #parcel(dialect: Dialect): Parcel {
    let parcel = this.#last?.dialect === dialect ? this.#last : this.#parcels.get(dialect);
    if (parcel === undefined) {
      parcel = new Parcel(dialect);
      this.#parcels.set(dialect, parcel);
    }
    for (let at = parcel.count; at < this.#messages.length; at += 1) {
      parcel.add((this.#messages[at] as Pushed).prepared);
    }
    this.#last = parcel;
    return parcel;
  }
}
