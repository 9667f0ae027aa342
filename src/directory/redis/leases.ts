import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { defineScript, duplicateOf, type RedisClient } from '../../backends/redis-script.ts';
import { redisKeys } from '../../util/redis-keys.ts';
import type { StartError } from '../../util/start-error.ts';
import type { Claim, LeaseListener, Leases, Member, MemberInfo } from '../leases.ts';
import { differenceOf, printTerms, type Term } from './agreement.ts';
import { type ClaimPlace, heldElsewhere, newerSchema, notAgreed, notToBeAsked } from './claim-errors.ts';
import { type Home, homeOf } from './home.ts';
import { type LeaseAnswer, leaseKeys, leasesLua, readLeaseAnswer } from './leases-script.ts';
import { MemberView } from './member-view.ts';

export interface RedisLeasesOptions extends ClaimPlace {
  /** Heals itself; its commands fail in the end where Redis is not there. Stays the caller's. */
  readonly client: RedisClient;
  /** For subscribing, and used for nothing else; stays the caller's. It hastens things only. Absent: a duplicate of `client`, lost for good where that does not connect again by itself. */
  readonly subscriber?: RedisClient;
  /** What no living node may have otherwise; the first is the first to be complained about. */
  readonly terms: readonly Term[];
  /** What was behind the failure of a command. */
  readonly reasonOf?: (error: Error) => string;
  /** Absent: 3000. */
  readonly beatMs?: number;
  /** From the last beat to the end of a lease. Absent: 6800, so that it is noticed within 7 seconds. */
  readonly leaseMs?: number;
  /** How long a script may take, with the wire. Absent: 2000. */
  readonly timeoutMs?: number;
}

type Mode = 'claim' | 'beat' | 'enter' | 'release';
type Taken = Extract<LeaseAnswer, { type: 'ok' }>;

const cidChoices = 8;
const cidLeases = 2 ** 20;

/** `Leases` in Redis 6.2 or newer. One script in one hash slot a beat; the scripts themselves tell of every change by pub/sub, so that all ask at once. */
export class RedisLeases implements Leases {
  readonly #options: RedisLeasesOptions;
  readonly #run: (...args: readonly (string | number)[]) => Promise<unknown>;
  readonly #home: Home;
  readonly #process = randomBytes(12).toString('hex');
  readonly #channel: string;
  readonly #beatMs: number;
  readonly #leaseMs: number;
  readonly #timeoutMs: number;
  readonly #view: MemberView;
  readonly #onReady = () => void this.#beat();
  readonly #endings: (() => void)[] = [];
  /** As `printTerms` writes them. */
  #terms = '';
  #info = '';
  /** Of the last answer that was taken. */
  #lease: { incarnation: number; cidLease: number; epoch: string } | undefined;
  /** By the monotonic clock: when the last beat that was answered was sent. */
  #beatenAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #isReleased = false;

  constructor(options: RedisLeasesOptions) {
    this.#options = options;
    this.#beatMs = options.beatMs ?? 3000;
    this.#leaseMs = options.leaseMs ?? 6800;
    this.#timeoutMs = options.timeoutMs ?? 2000;
    this.#home = homeOf(options.dataDirectory);
    const keys = redisKeys(options.cluster, 'nodes', leaseKeys);
    this.#channel = keys.meta;
    this.#run = defineScript(options.client, {
      name: 'yunqueLeases',
      lua: leasesLua,
      keys: leaseKeys.map((part) => keys[part]),
    });
    this.#view = new MemberView({ self: options.nodeId, holdMs: this.#leaseMs + this.#beatMs });
  }

  get members(): readonly Member[] {
    return this.#view.members;
  }

  get incarnation(): number | undefined {
    return this.#lease?.incarnation;
  }

  get failure(): string | undefined {
    return this.#view.failure;
  }

  get isCertain(): boolean {
    return this.#lease !== undefined && performance.now() - this.#beatenAt < this.#leaseMs;
  }

  async claim(): Promise<Claim> {
    this.#terms = await printTerms(this.#options.terms, this.#options.cluster);
    const { incarnation, cidLease } = await this.#claim();
    this.#listen();
    this.#schedule(this.#beatMs);
    return { incarnation, cidLease, members: this.members.filter(({ id }) => id !== this.#options.nodeId) };
  }

  async publish(info: MemberInfo): Promise<void> {
    this.#info = JSON.stringify(info);
    await this.#beat();
  }

  watch(listener: LeaseListener): () => void {
    return this.#view.watch(listener);
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#view.end();
    clearTimeout(this.#timer);
    for (const end of this.#endings.splice(0)) end();
    await this.#beating;
    if (this.#lease === undefined) return;
    await this.#ask('release').catch(() => {});
    this.#lease = undefined;
  }

  /** Tries until it has the lease, or knows that it does not get it. */
  async #claim(): Promise<Taken> {
    const stamps = new Map<string, string>();
    const endOfPatience = performance.now() + this.#beatMs;
    for (;;) {
      const sentAt = performance.now();
      const answer = await this.#ask('claim').catch((error: Error) => error);
      if (answer instanceof Error) {
        if (performance.now() > endOfPatience) throw notToBeAsked(this.#options, this.#reasonOf(answer));
      } else if (answer.type === 'ok') {
        this.#take(answer, sentAt);
        return answer;
      } else if (answer.type === 'schema') throw newerSchema(this.#options, answer.schema);
      else if (answer.type === 'held') {
        // Who beats between two tries is alive; one that died is waited for.
        if (isOther(stamps, '', answer.stamp)) throw heldElsewhere(this.#options, answer.home);
      } else if (answer.type === 'terms') {
        const alive = answer.others.find(({ id, stamp }) => isOther(stamps, id, stamp));
        if (alive !== undefined) throw this.#notAgreed(alive);
      }
      await delay(this.#beatMs / 15);
    }
  }

  /** One at a time; asked for while one is under way, another follows it. Never rejects. */
  #beat(): Promise<void> {
    if (this.#isReleased || this.#lease === undefined) return Promise.resolve();
    if (this.#beating === undefined) {
      this.#beating = this.#beatOnce().finally(() => {
        this.#beating = undefined;
      });
      return this.#beating;
    }
    this.#next ??= this.#beating.then(() => {
      this.#next = undefined;
      return this.#beat();
    });
    return this.#next;
  }

  async #beatOnce(): Promise<void> {
    clearTimeout(this.#timer);
    let nextMs = Math.min(this.#beatMs, 1000);
    try {
      let sentAt = performance.now();
      let answer = await this.#ask('beat');
      if (answer.type === 'lost' && !this.#isReleased) {
        sentAt = performance.now();
        answer = await this.#ask('enter');
      }
      if (this.#isReleased) return;
      if (answer.type === 'ok') {
        this.#take(answer, sentAt);
        nextMs = Math.max(1, Math.min(sentAt + this.#beatMs - performance.now(), this.#soonest(answer)));
      } else this.#view.fail(this.#whyNot(answer));
    } catch (error) {
      if (!this.#isReleased) this.#view.fail(this.#reasonOf(error as Error));
    }
    this.#schedule(nextMs);
  }

  #soonest({ nextDeadlineMs = this.#beatMs }: Taken): number {
    return Math.min(nextDeadlineMs + 1, this.#view.holdsForMs ?? this.#beatMs);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#isReleased) this.#timer = setTimeout(() => void this.#beat(), ms);
  }

  #take({ incarnation, cidLease, epoch, era, members }: Taken, sentAt: number): void {
    const before = this.#lease;
    this.#lease = { incarnation, cidLease, epoch };
    this.#beatenAt = sentAt;
    if (before !== undefined && before.incarnation !== incarnation) {
      this.#view.reenter({
        incarnation,
        previousIncarnation: before.incarnation,
        cidLease,
        previousCidLease: before.cidLease,
      });
    }
    this.#view.learn(era, members);
  }

  #whyNot(answer: Exclude<LeaseAnswer, Taken>): string {
    if (answer.type === 'held') return heldElsewhere(this.#options, answer.home).message;
    if (answer.type === 'terms') return this.#notAgreed(answer.others[0]).message;
    if (answer.type === 'schema') return newerSchema(this.#options, answer.schema).message;
    return 'the lease of this node has ended and could not be taken again yet';
  }

  #notAgreed({ id, terms } = { id: '', terms: '' }): StartError {
    return notAgreed(this.#options, id, differenceOf(this.#options.terms, this.#terms, terms));
  }

  async #ask(mode: Mode): Promise<LeaseAnswer> {
    const { nodeId } = this.#options;
    const { incarnation = 0, cidLease, epoch = '' } = this.#lease ?? {};
    const choices = Array.from({ length: cidChoices }, () => randomInt(1, cidLeases));
    const cids = mode === 'beat' ? [cidLease ?? 0] : mode === 'enter' ? [cidLease ?? 0, ...choices] : choices;
    const home = [this.#home.identity, this.#home.words, this.#process].join('\n');
    const ms = [this.#leaseMs, Math.ceil((this.#beatMs * 7) / 6)];
    const newEpoch = randomBytes(12).toString('hex');
    const args = [nodeId, incarnation, epoch, home, this.#terms, this.#info, newEpoch, ...cids];
    return readLeaseAnswer(await this.#inTime(this.#run(mode, ...ms, ...args)));
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error('Redis does not answer')), this.#timeoutMs);
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      clearTimeout(timer);
      // What comes after that is nobody's.
      work.catch(() => {});
    }
  }

  #reasonOf(error: Error): string {
    return this.#options.reasonOf?.(error) ?? error.message;
  }

  /** News of a change, and Redis that is back, ask at once. */
  #listen(): void {
    const { client, subscriber = duplicateOf(client) } = this.#options;
    const isOwn = this.#options.subscriber === undefined;
    const onMessage = (channel: string, from: string) => {
      if (channel === this.#channel && from !== this.#options.nodeId) void this.#beat();
    };
    const subscribe = () => void subscriber.subscribe(this.#channel).catch(() => {});
    const ignore = () => {};
    client.on('ready', this.#onReady);
    subscriber.on('message', onMessage);
    subscriber.on('ready', subscribe);
    if (isOwn) subscriber.on('error', ignore);
    subscribe();
    this.#endings.push(() => {
      client.off('ready', this.#onReady);
      subscriber.off('message', onMessage);
      subscriber.off('ready', subscribe);
      if (isOwn) subscriber.disconnect();
      else void subscriber.unsubscribe(this.#channel).catch(() => {});
    });
  }
}

/** Remembers the stamp; true where the one before was another. */
function isOther(stamps: Map<string, string>, id: string, stamp: string): boolean {
  const before = stamps.get(id);
  stamps.set(id, stamp);
  return before !== undefined && before !== stamp;
}
