import { randomBytes } from 'node:crypto';
import { YunqueError } from '../../api/errors.ts';
import type { BanInfo } from '../../api/keys.ts';
import { defaultSystem } from '../../api/system.ts';
import type { RedisClient } from '../../backends/redis-script.ts';
import { redisKeys } from '../../util/redis-keys.ts';
import type { Bans } from '../bans.ts';
import type { Keys } from '../keys.ts';
import type { StoreChange, StoreWrite } from '../replica/changes.ts';
import { storesOf } from '../replica/copy.ts';
import { type PlannedWrite, planWrite } from '../replica/plan.ts';
import { nothingStored, StoreTables } from '../replica/tables.ts';
import type { Systems } from '../systems.ts';
import { History } from './history.ts';
import { type KeptCopy, stepsKept } from './kept-copy.ts';
import { missingFrom } from './merge.ts';
import { openTruth } from './opening.ts';
import { allRecordsOf, type Records, readChanges, readTables, recordsOf, writeChanges } from './records.ts';
import { brokenWords, damagedCopy, otherSchemaWords, unavailable } from './store-errors.ts';
import { nowhere, type Position, type StoreReply, storeKeys } from './store-script.ts';
import { StoreTruth } from './truth.ts';

export interface RedisStoresOptions {
  /** Heals itself; its commands fail in the end where Redis is not there. Stays the caller's. */
  readonly client: RedisClient;
  /** The name of the cluster. */
  readonly cluster: string;
  /** Tells the other nodes, whose `learn` it is for; resolves when every one that lives knows it, or at a deadline of its own. */
  readonly notify?: (news: string) => Promise<unknown>;
  /** Whether others are alive, who would give back what Redis has lost. */
  readonly hasOthers?: () => boolean;
  /** What was behind the failure of a command. */
  readonly reasonOf?: (error: Error) => string;
  /** How often what nobody told is looked for. Absent: 3000. */
  readonly pollMs?: number;
  /** What was known at the end of the last run, and where this one keeps what it knows; closed with the stores. Absent: nothing is. */
  readonly kept?: KeptCopy;
  /**
   * How long Redis is to be seen empty before it is a new one, and not one that lost what nodes on their way back know: longer than a beat
   * of the leases and a look. Half of it for one that knows something itself. Absent: 7000.
   */
  readonly settleMs?: number;
  /** Told at the opening of an empty Redis, once: it may wait so long for others. */
  readonly onWaiting?: (ms: number) => void;
  /** How long a script may take, with the wire and those before it. Absent: 2000. */
  readonly timeoutMs?: number;
}

/** A write that the others are told of. */
interface News {
  readonly epoch: string;
  readonly revision: number;
  /** Before and after it. */
  readonly from: string;
  readonly head: string;
  readonly changes: string;
}

/** Whose a change is: made here; told by its node, which goes on with what follows from it; or found out later, when that was missed. */
type Source = 'own' | 'told' | 'late';

export interface LearntListener {
  /** `isTold`: by the node that did it, which asks this one for what follows from it. */
  onSystemRemoved?(system: string, isTold: boolean): void;
  onBanned?(bans: readonly BanInfo[], isTold: boolean): void;
}

type Elsewhere = Extract<StoreReply, { type: 'snapshot' | 'other' }>;

/** Of two nodes that write at once one is first, and the other tries again. */
const mostTries = 50;
const keysOfARevision = 1_000_000;

/**
 * Systems, keys and bans of a cluster in Redis 6.2 or newer: the truth with a schema, an epoch and a revision, and a copy of it in each node, from which
 * everything is answered.
 *
 * Guarantees: a write is planned on the newest revision and kept as a whole or not at all; it resolves when Redis has it and `notify` has
 * resolved. Without Redis reads go on, and writes throw `unavailable`, one whose answer was lost among them. Redis that has lost its data, or part of
 * it, is given back what the nodes know, before any of them knows less: a system that was ever keyed stays so.
 */
export class RedisStores {
  readonly systems: Systems;
  readonly keys: Keys;
  readonly bans: Bans;
  readonly #options: RedisStoresOptions;
  readonly #truth: StoreTruth;
  readonly #tables = new StoreTables(nothingStored);
  readonly #history = new History();
  readonly #timeoutMs: number;
  readonly #onReady = () => void this.#catchUp();
  readonly #learntListeners = new Set<LearntListener>();
  readonly #failureListeners = new Set<(failure: string | undefined) => void>();
  #last: Promise<unknown> = Promise.resolve();
  #failure: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: RedisStoresOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? 2000;
    this.#truth = new StoreTruth(options.client, options.cluster, this.#timeoutMs);
    const { systems, keys, bans } = storesOf(this.#tables, (write) => this.#write(write));
    this.systems = systems;
    this.keys = keys;
    this.bans = bans;
  }

  /** Why Redis cannot be asked, or not by this version; undefined: it can. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Where this copy is; another one after each write. */
  get position(): Position {
    return this.#history.position;
  }

  onFailure(listener: (failure: string | undefined) => void): void {
    this.#failureListeners.add(listener);
  }

  /** Told of what others have done. */
  onLearnt(listener: LearntListener): void {
    this.#learntListeners.add(listener);
  }

  /**
   * Reads what there is; where there is nothing, gives back what the last run of this node knew, or begins with `default` alone. Throws
   * `StartError`: 78 for what a newer version wrote, 1 where Redis cannot be asked, or lost what others who live still have to give back.
   */
  async open(): Promise<void> {
    const { cluster, kept, settleMs = 7000, hasOthers = () => false, onWaiting = () => {} } = this.#options;
    const known = kept?.read();
    if (known !== undefined) {
      this.#tables.become(known.tables);
      this.#history.resume(known.history);
    }
    const { systems } = redisKeys(cluster, 'store', storeKeys);
    await openTruth({
      cluster,
      keys: systems.replace(/systems$/, '*'),
      settleMs: known === undefined ? settleMs : settleMs / 2,
      timeoutMs: this.#timeoutMs,
      read: () => this.#truth.read(this.#history.position),
      take: (reply) => this.#take(reply),
      isKnown: known !== undefined,
      knows: (position) => this.#history.hasPassed(position),
      begin: () => this.#beginAnew(),
      hasOthers,
      reasonOf: (error) => this.#reasonOf(error),
      onWaiting,
    });
    this.#options.client.on('ready', this.#onReady);
    this.#schedule();
  }

  /** What another node was told to `notify`; resolves when this copy knows it. Rejects where it cannot find out. */
  async learn(text: string): Promise<void> {
    const news = JSON.parse(text) as News;
    await this.#inOrder(async () => {
      const { epoch, revision, head } = this.#history.position;
      if (news.epoch === epoch && news.revision <= revision) return;
      if (news.epoch === epoch && news.revision === revision + 1 && news.from === head) {
        this.#step(news.head, readChanges(news.changes), 'told');
      } else await this.#sync();
    });
  }

  /** Nothing of it runs any more; what was under way is finished. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#options.client.off('ready', this.#onReady);
    await this.#last;
    await this.#options.kept?.close();
  }

  async #write(write: StoreWrite): Promise<unknown> {
    const { answer, news } = await this.#inOrder(() => this.#commit(write));
    if (news !== undefined) await this.#options.notify?.(JSON.stringify(news));
    return answer;
  }

  async #commit(write: StoreWrite): Promise<{ answer: unknown; news?: News }> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const { position } = this.#history;
      const planned = planOf(this.#tables, write);
      if (planned instanceof YunqueError || planned.changes.length === 0) {
        const reply = await this.#truth.read(position);
        if (reply.type === 'same') {
          if (planned instanceof YunqueError) throw planned;
          return { answer: planned.answer };
        }
        await this.#take(reply);
        continue;
      }
      const head = newId();
      const changes = writeChanges(planned.changes);
      const reply = await this.#truth.write(
        position,
        head,
        changes,
        this.#recordsAt(this.#tables, planned.changes, position),
      );
      if (reply.type === 'ok') {
        this.#step(head, planned.changes, 'own');
        return { answer: planned.answer, news: { ...this.#history.position, from: position.head, head, changes } };
      }
      await this.#take(reply);
    }
    throw new Error('others always wrote first');
  }

  /** Comes to know what Redis has. */
  async #sync(): Promise<void> {
    await this.#take(await this.#truth.read(this.#history.position));
  }

  async #take(first: StoreReply): Promise<void> {
    let reply: StoreReply | undefined = first;
    for (let tries = 0; reply !== undefined && tries < mostTries; tries += 1) reply = await this.#takeOne(reply);
    if (reply !== undefined) throw new Error('others always wrote first');
  }

  /** Answers what is to be taken next: somebody wrote meanwhile. */
  async #takeOne(reply: StoreReply): Promise<StoreReply | undefined> {
    switch (reply.type) {
      case 'same':
      case 'ok':
        return undefined;
      case 'changes':
        for (const { id, changes } of reply.entries) this.#step(id, readChanges(changes), 'late');
        return undefined;
      case 'snapshot':
        this.#adopt(reply);
        return undefined;
      case 'schema':
        throw new Error(otherSchemaWords(this.#options.cluster, reply.schema));
      case 'empty':
        return await this.#begin(nowhere);
      case 'broken':
        if (reply.position.epoch !== '' && !this.#history.hasPassed(reply.position)) throw new Error(brokenWords);
        return await this.#begin(reply.position);
      case 'other':
        return await this.#meet(reply);
      default:
        return reply satisfies never;
    }
  }

  /** Redis lost its data or part of it, and somebody who knew less, or other things, has gone on from there. */
  async #meet(reply: Elsewhere): Promise<StoreReply | undefined> {
    if (this.#history.hasPassed(reply.position)) return await this.#begin(reply.position);
    const theirs = readTables(reply.tables);
    const ancestor = reply.lineage.find(({ epoch }) => epoch === this.#history.position.epoch);
    const changes =
      (ancestor && this.#history.changesAfter(ancestor.revision)) ?? missingFrom(theirs, this.#tables, Date.now());
    if (changes.length === 0) {
      this.#adopt(reply, theirs);
      return undefined;
    }
    const head = newId();
    const lineage = this.#history.joinedTo(reply.lineage);
    const records = this.#recordsAt(theirs, changes, reply.position);
    const answer = await this.#truth.write(reply.position, head, writeChanges(changes), records, lineage);
    if (answer.type !== 'ok') return await this.#truth.read(this.#history.position);
    for (const change of changes) theirs.apply(change);
    this.#adopt(
      { ...reply, position: { ...reply.position, revision: reply.position.revision + 1, head }, lineage },
      theirs,
    );
    return undefined;
  }

  async #beginAnew(): Promise<boolean> {
    const { kept } = this.#options;
    if (kept?.damage !== undefined) throw damagedCopy(kept.file, kept.damage);
    if (!this.#tables.records.has(defaultSystem)) {
      this.#tables.apply({ type: 'systemsAdded', systems: [{ system: defaultSystem, createdAt: Date.now() }] });
    }
    return (await this.#begin(nowhere)) === undefined;
  }

  /** What this node knows is the truth from now on, in an epoch of its own. Answers what somebody else did before, if so. */
  async #begin(from: Position): Promise<StoreReply | undefined> {
    const { lineage } = this.#history;
    const to: Position = { epoch: newId(), revision: 1, head: newId() };
    const reply = await this.#truth.begin(from, to, lineage, allRecordsOf(this.#tables));
    if (reply.type !== 'ok') return await this.#truth.read(this.#history.position);
    this.#history.begin(to, lineage);
    this.#keep();
    return undefined;
  }

  #adopt(reply: Elsewhere, theirs = readTables(reply.tables)): void {
    const before = [...this.#tables.records.keys()];
    const bans = this.#tables.bans;
    const now = Date.now();
    this.#tables.become(theirs);
    this.#history.begin(reply.position, reply.lineage);
    this.#keep();
    const removed = before.filter((system) => !this.#tables.records.has(system));
    const banned = theirs.bans.list(now).filter(({ system, uid }) => bans.find(system, uid, now) === undefined);
    this.#tell(removed, banned, false);
  }

  #step(head: string, changes: readonly StoreChange[], source: Source): void {
    for (const change of changes) this.#tables.apply(change);
    this.#history.step(head, changes);
    this.#keep();
    if (source === 'own') return;
    const removed = changes.filter((change) => change.type === 'systemRemoved').map(({ system }) => system);
    const banned = changes.filter((change) => change.type === 'banned').map(({ ban }) => ban);
    this.#tell(removed, banned, source === 'told');
  }

  #tell(removed: readonly string[], banned: readonly BanInfo[], isTold: boolean): void {
    for (const listener of this.#learntListeners) {
      for (const system of removed) listener.onSystemRemoved?.(system, isTold);
      if (banned.length > 0) listener.onBanned?.(banned, isTold);
    }
  }

  #keep(): void {
    this.#options.kept?.save(() => ({ tables: this.#tables, history: this.#history.kept(stepsKept) }));
  }

  #recordsAt(tables: StoreTables, changes: readonly StoreChange[], { revision }: Position): Records {
    return recordsOf(tables, changes, revision * keysOfARevision);
  }

  /** One after the other; what Redis does to it becomes `unavailable`. */
  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const asked = performance.now();
    const done = this.#last.then(async () => {
      if (performance.now() - asked > this.#timeoutMs) throw unavailable(this.#failure ?? 'Redis is slow');
      try {
        const result = await work();
        this.#fail(undefined);
        return result;
      } catch (error) {
        if (error instanceof YunqueError) throw error;
        const reason = this.#reasonOf(error as Error);
        this.#fail(reason);
        // That Redis is gone has been said, and is no fault of ours.
        throw unavailable(reason, error instanceof TypeError ? error : undefined);
      }
    });
    this.#last = done.catch(() => {});
    return done;
  }

  /** Never rejects. */
  async #catchUp(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    await this.#inOrder(() => this.#sync()).catch(() => {});
    this.#schedule();
  }

  #schedule(): void {
    const { pollMs = 3000 } = this.#options;
    clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.#catchUp(), pollMs);
  }

  #fail(failure: string | undefined): void {
    if (this.#failure === failure) return;
    this.#failure = failure;
    for (const listener of this.#failureListeners) listener(failure);
  }

  #reasonOf(error: Error): string {
    return this.#options.reasonOf?.(error) ?? error.message;
  }
}

function planOf(tables: StoreTables, write: StoreWrite): PlannedWrite | YunqueError {
  try {
    return planWrite(tables, write);
  } catch (error) {
    if (error instanceof YunqueError) return error;
    throw error;
  }
}

function newId(): string {
  return randomBytes(12).toString('hex');
}
