import { type Dialect, dialects } from '../api/dialect.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { PreparedMessage } from '../wire/prepared-message.ts';
import { Batch, type Place } from './batch.ts';
import type { Connection } from './connection.ts';
import type { EndOfTurn, Spreading } from './end-of-turn.ts';
import { type FanoutResult, nothing } from './tally.ts';

/** How long and how much an audience collects before it hands out. */
export interface BatchRules {
  /** 0: until the end of the turn. Asked for each batch. */
  readonly delayMs: number;
  /** A batch of this many bytes waits no longer. */
  readonly maxBytes: number;
}

export interface AudienceOptions {
  readonly turn: EndOfTurn;
  readonly rules: BatchRules;
  /** Absent: deliveries are not counted. */
  readonly counters?: Counters | undefined;
}

export interface PushOptions {
  readonly exclude?: ReadonlySet<Connection>;
  /** Members that are closing are told nothing, and are no failed delivery. */
  readonly isNotice?: boolean;
}

/**
 * What a busy audience waits, at most, until as many messages are there as its last two batches had: a part of the time that the last
 * one took to hand out, in ms. Publishers who wait for their answers are on their way again by then.
 */
const gatheringPart = 1 / 2;
const mostGatheringMs = 10;

/** Batches that may wait to be handed out before a push waits for its own, though its audience answers at once. */
const mostWaiting = 4;

/**
 * Many who hear the same: the members of a group, everyone in a system. A message costs the same however many there are; it waits in a
 * batch that is handed to all members at once, at the end of the turn or after the delay of this audience. While a batch is
 * being handed out in slices the next one grows; and where several messages at a time come as fast as they can be handed out, those that are on
 * their way are waited for, for a fraction of what that takes. Guarantees: members hear messages in the order they were pushed; who joins between
 * two of them hears exactly the later ones, who leaves exactly the earlier ones.
 */
export class Audience<P extends Place = Place> implements Spreading {
  readonly #turn: EndOfTurn;
  readonly #rules: BatchRules;
  readonly #counters: Counters | undefined;
  readonly #members = new Map<Connection, P>();
  readonly #spoken: Record<Dialect, number>;
  /** Messages pushed so far. */
  #head = 0;
  /** Being handed out: to the members that `#rest` still brings. */
  #current: Batch | undefined;
  #rest: Iterator<P> | undefined;
  #full: Batch[] = [];
  /** The one that takes messages. */
  #open: Batch | undefined;
  #openIsDue = false;
  /** Pushes to it are answered at once. */
  #openIsDelayed = false;
  #busy = { messages: 0, before: 0, tookMs: 0, endedAt: 0 };
  /** Messages the open batch waits for; 0: for none. */
  #awaited = 0;
  #begunAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #isSpreading = false;

  constructor({ turn, rules, counters }: AudienceOptions) {
    this.#turn = turn;
    this.#rules = rules;
    this.#counters = counters;
    this.#spoken = Object.fromEntries(dialects.map((dialect) => [dialect, 0])) as Record<Dialect, number>;
  }

  get isCounted(): boolean {
    return this.#counters !== undefined;
  }

  get size(): number {
    return this.#members.size;
  }

  /** What a new member's place begins with. */
  get head(): number {
    return this.#head;
  }

  has(connection: Connection): boolean {
    return this.#members.has(connection);
  }

  get(connection: Connection): P | undefined {
    return this.#members.get(connection);
  }

  connections(): MapIterator<Connection> {
    return this.#members.keys();
  }

  places(): MapIterator<P> {
    return this.#members.values();
  }

  /** Its connection must not be a member yet. */
  add(place: P): void {
    this.#members.set(place.connection, place);
    this.#spoken[place.connection.dialect] += 1;
  }

  /** The member is given first what was pushed while it was one. Undefined when it was none. */
  delete(connection: Connection): P | undefined {
    const place = this.#members.get(connection);
    if (place === undefined) return undefined;
    this.serve(connection);
    this.#members.delete(connection);
    this.#spoken[connection.dialect] -= 1;
    return place;
  }

  /** Gives a member, ahead of the others, what it would get at the end of the turn or later. Leaves with what is written to it in this turn. */
  serve(connection: Connection): void {
    const place = this.#members.get(connection);
    if (place === undefined || place.position >= this.#head) return;
    for (const batch of [this.#current, ...this.#full, this.#open]) {
      if (batch !== undefined && place.position < batch.end) batch.hand(place);
    }
    this.#turn.add(connection);
  }

  /** Resolves when every member has been handed the message, or at once where this audience waits: then all of it is `queued`. */
  async push(prepared: PreparedMessage, { exclude, isNotice = false }: PushOptions = {}): Promise<FanoutResult> {
    if (this.#members.size === 0) return nothing;
    const batch = this.#open ?? this.#openBatch();
    const at = batch.add({ prepared, exclude, isNotice }, this.#spoken);
    this.#head += 1;
    const isWaiting = this.#openIsDelayed && this.#full.length < mostWaiting;
    if (batch.size >= this.#rules.maxBytes) this.#closeBatch(batch);
    else if (this.#awaited > 0 && at + 1 >= this.#awaited) this.#makeDue();
    if (isWaiting) return this.#accepted(exclude);
    return (await batch.whenDone)[at] as FanoutResult;
  }

  hand(room: number): number {
    if (this.#current === undefined) {
      this.#current = this.#next();
      this.#begunAt = performance.now();
    }
    const batch = this.#current;
    if (batch === undefined) return 0;
    this.#rest ??= this.#members.values();
    let cost = 0;
    while (cost < room) {
      const { value: place, done } = this.#rest.next();
      if (done === true) {
        this.#rest = undefined;
        break;
      }
      cost += batch.hand(place);
    }
    return cost;
  }

  flush(): void {
    this.#current?.flush();
  }

  settle(): boolean {
    this.#current?.settle();
    if (this.#rest === undefined && this.#current !== undefined) {
      const endedAt = performance.now();
      const messages = this.#current.end - this.#current.start;
      this.#busy = { messages, before: this.#busy.messages, tookMs: endedAt - this.#begunAt, endedAt };
      this.#current.finish();
      this.#current = undefined;
    }
    this.#isSpreading = this.#current !== undefined || this.#full.length > 0 || this.#openIsDue;
    return this.#isSpreading;
  }

  #openBatch(): Batch {
    const batch = new Batch(this.#head, this.#counters);
    this.#open = batch;
    const { delayMs } = this.#rules;
    this.#openIsDelayed = delayMs > 0;
    const waitMs = this.#openIsDelayed ? delayMs : this.#gatheringMs();
    this.#awaited = this.#openIsDelayed ? 0 : this.#busy.messages + this.#busy.before;
    if (waitMs >= 1) this.#timer = setTimeout(() => this.#makeDue(), waitMs).unref();
    else this.#makeDue();
    return batch;
  }

  #gatheringMs(): number {
    const { messages, tookMs, endedAt } = this.#busy;
    if (messages < 2 || performance.now() - endedAt > tookMs) return 0;
    return Math.min(tookMs * gatheringPart, mostGatheringMs);
  }

  #closeBatch(batch: Batch): void {
    this.#full.push(batch);
    this.#forgetOpen();
    this.#spread();
  }

  #makeDue(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#awaited = 0;
    this.#openIsDue = true;
    this.#spread();
  }

  #next(): Batch | undefined {
    const full = this.#full.shift();
    if (full !== undefined || !this.#openIsDue) return full;
    const batch = this.#open;
    this.#forgetOpen();
    return batch;
  }

  #forgetOpen(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#open = undefined;
    this.#openIsDue = false;
    this.#openIsDelayed = false;
    this.#awaited = 0;
  }

  #spread(): void {
    if (this.#isSpreading) return;
    this.#isSpreading = true;
    this.#turn.spread(this);
  }

  #accepted(exclude: ReadonlySet<Connection> | undefined): FanoutResult {
    let matched = this.#members.size;
    for (const connection of exclude ?? []) if (this.#members.has(connection)) matched -= 1;
    return { matched, delivered: matched, queued: matched, dropped: {} };
  }
}
