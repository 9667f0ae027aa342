import type { Awaitable } from '../util/awaitable.ts';
import type { ClusterDirectory, DirectoryLinks, NodeStart, RouteChange } from './cluster-directory.ts';
import type { Login, Route } from './directory.ts';
import { type HeldPlace, HeldPlaces, type Holder } from './held-places.ts';
import { PlaceLookups } from './place-lookups.ts';
import { PlaceNotes, withNews, withoutPlace, withPlace } from './place-notes.ts';
import type { RouteKind, RouteName, RouteStore, StoredPlace } from './route-store.ts';
import { StoreUpkeep } from './store-upkeep.ts';

export interface CachedDirectoryOptions extends DirectoryLinks {
  readonly store: RouteStore;
  /** Of this node as the others know it now: greater after its lease had ended. */
  readonly incarnation: () => number;
  /** Whether that start of a node is alive, as the leases say. A node that has joined is. */
  readonly isAlive: (node: string, incarnation: number) => boolean;
  /** Users, and groups, of other nodes whose places are held. Absent: 100,000 of each. */
  readonly mostHeld?: number;
  /** Ends that are kept to be written down when the store is back. Absent: 100,000. */
  readonly mostUnwritten?: number;
  /** How long a lookup may take, before everyone is asked. Absent: 500. */
  readonly lookupMs?: number;
  /** Absent: 500. */
  readonly retryMs?: number;
  /** Absent: 5000. */
  readonly verifyMs?: number;
}

/** Routes written again before the next ones are begun. */
const perBatch = 500;
/** Numbers given without the store end in that many values, by the lease. */
const localSlots = 1024;
const none: readonly Login[] = [];

/**
 * What is written down in a store, with what was asked of it lately in memory, kept right by what the nodes tell each other. All places of the
 * users and groups of this node are known. A login is written down and then shared with every live node before it is answered; they
 * answer the places they hold of the same user themselves. Without the store logins go on, numbered by this machine's clock and
 * above all numbers seen; what is not known is undefined; and all is written down again when it is back.
 */
export class CachedDirectory implements ClusterDirectory {
  readonly #options: CachedDirectoryOptions;
  readonly #store: RouteStore;
  readonly #self: Holder;
  readonly #held: Readonly<Record<RouteKind, HeldPlaces>>;
  readonly #notes = new PlaceNotes();
  readonly #lookups: PlaceLookups;
  readonly #upkeep: StoreUpkeep;
  readonly #holders = new Map<string, Holder[]>();
  readonly #joined = new Map<string, number>();
  /** Nodes that tell all they hold. */
  readonly #telling = new Set<string>();
  /** Nodes that have something which is not written down. */
  readonly #doubtful = new Set<string>();
  /** Logins without the store: others may hold the user. */
  readonly #partlyKnown = new Set<string>();
  /** Ends that are not written down. */
  readonly #unwritten: { readonly name: RouteName; readonly cid: number; readonly sequence: number }[] = [];
  readonly #groupTurns = new Map<string, { isWanted: boolean; readonly done: Promise<void> }>();
  /** Another one: answers of the store that are on their way are not to be kept. */
  #epoch = 0;
  #highest = 0;

  constructor(options: CachedDirectoryOptions) {
    const { node, store, incarnation, mostHeld = 100_000 } = options;
    this.#options = options;
    this.#store = store;
    this.#self = { id: node, incarnation: incarnation(), isVoid: false };
    this.#held = { users: new HeldPlaces(this.#self, mostHeld), groups: new HeldPlaces(this.#self, mostHeld) };
    this.#lookups = new PlaceLookups({
      store,
      deadlineMs: options.lookupMs ?? 500,
      onFailure: () => this.#upkeep.lost(),
    });
    this.#upkeep = new StoreUpkeep({
      store,
      nodes: () => [
        { id: node, incarnation: incarnation() },
        ...[...this.#joined].map(([id, start]) => ({ id, incarnation: start })),
      ],
      restore: () => this.#restore(),
      onLost: () => {
        this.#epoch += 1;
        options.doubt();
      },
      onSettled: () => options.settled(),
      retryMs: options.retryMs ?? 500,
      verifyMs: options.verifyMs ?? 5000,
    });
  }

  start(): Promise<void> {
    return this.#upkeep.start();
  }

  /** This node has another incarnation: what it holds is written down again. */
  reenter(): void {
    this.#upkeep.lost();
  }

  login({ system, uid, cid }: Route): Promise<number> {
    return this.#login({ kind: 'users', system, name: uid }, cid);
  }

  async logout({ system, uid, node, cid, loginSequence: sequence }: Login): Promise<void> {
    const name: RouteName = { kind: 'users', system, name: uid };
    if (node === this.#self.id) await this.#logout(name, cid, sequence);
    else {
      await this.#store.remove(name, { node, cid, sequence });
      const login = { system, uid, node, cid, loginSequence: sequence };
      this.#learn(name, true, { holder: this.#holderOf({ id: node, incarnation: 0 }), cid, sequence });
      await this.#options.share({ out: true, login });
    }
  }

  /** Rejects where that cannot be said. */
  async routes(system: string, uid: string): Promise<Login[]> {
    const name: RouteName = { kind: 'users', system, name: uid };
    const places = await this.#placesOf(name);
    if (places === undefined) throw new Error('the directory cannot be asked');
    return places.map((place) => loginOf(name, place));
  }

  nodesOf(system: string, uid: string): Awaitable<readonly string[] | undefined> {
    return this.#nodesOf({ kind: 'users', system, name: uid });
  }

  groupNodes(system: string, group: string): Awaitable<readonly string[] | undefined> {
    return this.#nodesOf({ kind: 'groups', system, name: group });
  }

  enterGroup(system: string, group: string): Promise<void> {
    return this.#turnGroup({ kind: 'groups', system, name: group }, true);
  }

  leaveGroup(system: string, group: string): Promise<void> {
    return this.#turnGroup({ kind: 'groups', system, name: group }, false);
  }

  userCount(): undefined {
    return undefined;
  }

  get totalUsers(): undefined {
    return undefined;
  }

  countUsersHere(): Map<string, number> {
    return this.#held.users.countOwn((places) => {
      return places.every(({ holder }) => holder.id >= this.#self.id || !this.#isLive(holder));
    });
  }

  /** Names held: of this node, and of others. */
  get size(): { readonly own: number; readonly others: number } {
    const { users, groups } = this.#held;
    return { own: users.ownSize + groups.ownSize, others: users.othersSize + groups.othersSize };
  }

  get clock(): number {
    return this.#highest;
  }

  *own(): Generator<RouteChange> {
    for (const kind of ['users', 'groups'] as const) {
      for (const { system, name, places } of this.#held[kind].own()) {
        for (const place of places) {
          if (place.holder !== this.#self) continue;
          yield { out: false, group: kind === 'groups', login: loginOf({ kind, system, name }, place) };
        }
      }
    }
  }

  apply(from: NodeStart, { out, group = false, login }: RouteChange): readonly Login[] {
    const { system, uid, node, cid, loginSequence: sequence } = login;
    const name: RouteName = { kind: group ? 'groups' : 'users', system, name: uid };
    const isOwn = node === this.#self.id;
    const holder = isOwn ? this.#self : this.#holderOf(node === from.id ? from : { id: node, incarnation: 0 });
    this.#saw(sequence);
    if (isOwn && !out) return none;
    this.#learn(name, out, { holder, cid, sequence });
    if (out || !this.#held[name.kind].isOwn(system, uid)) return none;
    if (!group && this.#telling.has(from.id)) this.#options.onContested(system, uid);
    const own = this.#held[name.kind].find(system, uid)?.filter((place) => place.holder === this.#self) ?? [];
    return own.map((place) => loginOf(name, place));
  }

  onJoin({ id, incarnation }: NodeStart): void {
    this.#epoch += 1;
    this.#void(id);
    this.#joined.set(id, incarnation);
    this.#telling.add(id);
  }

  onTold(node: string, clock: number): void {
    this.#saw(clock);
    this.#telling.delete(node);
    this.#doubtful.delete(node);
  }

  onDoubt(node: string): void {
    this.#epoch += 1;
    this.#doubtful.add(node);
  }

  onCut(node: string): void {
    this.#epoch += 1;
    this.#telling.delete(node);
  }

  onGone(node: string): void {
    this.#epoch += 1;
    this.#void(node);
    this.#joined.delete(node);
    this.#telling.delete(node);
    this.#doubtful.delete(node);
  }

  async close(): Promise<void> {
    this.#lookups.close();
    await this.#upkeep.close();
  }

  async #login(name: RouteName, cid: number): Promise<number> {
    const note = this.#notes.begin(name);
    try {
      const stored = this.#upkeep.phase === 'down' ? undefined : await this.#writeLogin(name, cid);
      const sequence = stored?.sequence ?? this.#localNumber();
      this.#saw(sequence);
      const held = this.#held[name.kind];
      const before = held.find(name.system, name.name);
      if (stored !== undefined) this.#partlyKnown.delete(keyOf(name));
      else if (before === undefined) this.#partlyKnown.add(keyOf(name));
      const known = withNews([...(before ?? []), ...this.#placesIn(stored?.places ?? [])], note.news);
      const own = { holder: this.#self, cid, sequence };
      this.#set(name, withPlace(withoutCid(known, this.#self, cid), own));
      const login = loginOf(name, own);
      const seen = note.news.length;
      const elsewhere = await this.#options.share({ out: false, group: name.kind === 'groups', login });
      for (const { node, cid: otherCid, loginSequence } of elsewhere) {
        const place = { holder: this.#holderOf({ id: node, incarnation: 0 }), cid: otherCid, sequence: loginSequence };
        this.#saw(loginSequence);
        const isOver = note.news.slice(seen).some(({ out, place: gone }) => out && isLogin(gone, place));
        if (!isOver && node !== this.#self.id) this.#learn(name, false, place);
      }
      return sequence;
    } finally {
      note.end();
    }
  }

  async #writeLogin(name: RouteName, cid: number) {
    try {
      return await this.#store.login(name, cid, this.#highest);
    } catch {
      this.#upkeep.lost();
      return undefined;
    }
  }

  async #logout(name: RouteName, cid: number, sequence: number): Promise<void> {
    const place = { holder: this.#self, cid, sequence };
    const held = this.#held[name.kind];
    const places = held.find(name.system, name.name) ?? [];
    if (!places.some((each) => isLogin(each, place))) return;
    this.#learn(name, true, place);
    await this.#writeEnd(name, cid, sequence);
    await this.#shareEnd(name, place);
  }

  async #writeEnd(name: RouteName, cid: number, sequence: number): Promise<void> {
    if (this.#upkeep.phase !== 'down') {
      try {
        await this.#store.drop(name, cid, !this.#held[name.kind].isOwn(name.system, name.name));
        return;
      } catch {
        this.#upkeep.lost();
      }
    }
    // Beyond that a place stays written down until this start has ended: whoever reads it asks this node, which says that nobody is there.
    const { mostUnwritten = 100_000 } = this.#options;
    if (this.#unwritten.length < mostUnwritten) this.#unwritten.push({ name, cid, sequence });
  }

  #shareEnd(name: RouteName, place: HeldPlace): Promise<unknown> {
    return this.#options.share({ out: true, group: name.kind === 'groups', login: loginOf(name, place) });
  }

  /** A change of what is held, if it is held, and for those who ask the store at this moment. */
  #learn(name: RouteName, out: boolean, place: HeldPlace): void {
    this.#notes.tell(name, { out, place });
    const places = this.#held[name.kind].find(name.system, name.name);
    if (places === undefined) return;
    const changed = out ? withoutPlace(places, place) : withPlace(places, place);
    if (changed !== places) this.#set(name, changed);
  }

  #set(name: RouteName, places: readonly HeldPlace[]): void {
    const { system, name: text, kind } = name;
    const live = places.filter(({ holder }) => this.#isLive(holder));
    const isOwn = live.some(({ holder }) => holder === this.#self);
    if (!isOwn && this.#partlyKnown.size > 0 && this.#partlyKnown.delete(keyOf(name))) {
      this.#held[kind].forget(system, text);
    } else this.#held[kind].set(system, text, live);
  }

  #nodesOf(name: RouteName): Awaitable<readonly string[] | undefined> {
    const places = this.#known(name);
    if (places !== undefined) return this.#nodesIn(places);
    return this.#canLookUp ? this.#lookUp(name).then((found) => found && this.#nodesIn(found)) : undefined;
  }

  #placesOf(name: RouteName): Awaitable<readonly HeldPlace[] | undefined> {
    return this.#known(name) ?? (this.#canLookUp ? this.#lookUp(name) : undefined);
  }

  /** Undefined: not all of them are known here. */
  #known(name: RouteName): readonly HeldPlace[] | undefined {
    const places = this.#held[name.kind].find(name.system, name.name);
    if (places === undefined || (this.#partlyKnown.size > 0 && this.#partlyKnown.has(keyOf(name)))) return undefined;
    return places.every(({ holder }) => this.#isLive(holder))
      ? places
      : places.filter(({ holder }) => this.#isLive(holder));
  }

  get #canLookUp(): boolean {
    return this.#upkeep.phase === 'ready' && this.#doubtful.size === 0;
  }

  async #lookUp(name: RouteName): Promise<readonly HeldPlace[] | undefined> {
    const epoch = this.#epoch;
    const note = this.#notes.begin(name);
    try {
      const stored = await this.#lookups.get(name);
      const known = this.#known(name);
      if (known !== undefined) return known;
      if (stored === undefined || epoch !== this.#epoch || this.#partlyKnown.has(keyOf(name))) return undefined;
      const places = withNews(this.#placesIn(stored), note.news);
      this.#set(name, places);
      return places;
    } finally {
      note.end();
    }
  }

  #nodesIn(places: readonly HeldPlace[]): readonly string[] {
    const [first] = places;
    if (first === undefined) return [];
    if (places.length === 1) return [first.holder.id];
    return [...new Set(places.map(({ holder }) => holder.id))];
  }

  /** What is written down of others that are alive; of itself this node knows. */
  #placesIn(stored: readonly StoredPlace[]): HeldPlace[] {
    return stored.flatMap(({ node, incarnation, cid, sequence }) => {
      this.#saw(sequence);
      if (node === this.#self.id) return [];
      const isLive = this.#joined.get(node) === incarnation || this.#options.isAlive(node, incarnation);
      return isLive ? [{ holder: this.#holderOf({ id: node, incarnation }), cid, sequence }] : [];
    });
  }

  /** Of a node that has joined, and is not named with its incarnation, the one it joined with. */
  #holderOf({ id, incarnation: named }: NodeStart): Holder {
    const incarnation = named === 0 ? (this.#joined.get(id) ?? 0) : named;
    const holders = this.#holders.get(id) ?? [];
    const known = holders.find((holder) => holder.incarnation === incarnation);
    if (known !== undefined) return known;
    const holder = { id, incarnation, isVoid: false };
    this.#holders.set(id, [...holders.slice(-1), holder]);
    return holder;
  }

  #void(node: string): void {
    for (const holder of this.#holders.get(node) ?? []) holder.isVoid = true;
    this.#holders.delete(node);
  }

  #isLive(holder: Holder): boolean {
    if (holder === this.#self) return true;
    const { id, incarnation, isVoid } = holder;
    return !isVoid && (this.#joined.get(id) === incarnation || this.#options.isAlive(id, incarnation));
  }

  #saw(sequence: number): void {
    if (sequence > this.#highest && Number.isSafeInteger(sequence)) this.#highest = sequence;
  }

  /** In microseconds of this machine, above all that was seen. Nodes differ in the last digits. */
  #localNumber(): number {
    const slot = this.#options.lease % localSlots;
    const next = Math.max(Date.now() * 1000, this.#highest + 1);
    const number = Math.ceil((next - slot) / localSlots) * localSlots + slot;
    this.#saw(number);
    return number;
  }

  async #turnGroup(name: RouteName, isWanted: boolean): Promise<void> {
    const key = keyOf(name);
    const running = this.#groupTurns.get(key);
    if (running !== undefined) {
      running.isWanted = isWanted;
      return running.done;
    }
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const turn = { isWanted, done };
    this.#groupTurns.set(key, turn);
    const held = this.#held.groups;
    while (held.isOwn(name.system, name.name) !== turn.isWanted) {
      const own = held.find(name.system, name.name)?.find(({ holder }) => holder === this.#self);
      if (own === undefined) await this.#login(name, 0);
      else await this.#logout(name, 0, own.sequence);
    }
    this.#groupTurns.delete(key);
    resolve();
  }

  /** Others that are written down and were not known here have come while nobody could be told: they are to be asked. */
  async #restore(): Promise<void> {
    let batch: Promise<void>[] = [];
    for (const { group = false, login } of this.own()) {
      const { system, uid, cid, loginSequence } = login;
      batch.push(this.#putAgain({ kind: group ? 'groups' : 'users', system, name: uid }, cid, loginSequence));
      if (batch.length < perBatch) continue;
      await Promise.all(batch);
      batch = [];
    }
    await Promise.all(batch);
    while (this.#unwritten.length > 0) {
      const ends = this.#unwritten.splice(-perBatch);
      try {
        await Promise.all(ends.map((end) => this.#endAgain(end)));
      } catch (error) {
        this.#unwritten.push(...ends);
        throw error;
      }
    }
  }

  async #putAgain(name: RouteName, cid: number, sequence: number): Promise<void> {
    const note = this.#notes.begin(name);
    try {
      const stored = await this.#store.put(name, cid, sequence);
      const before = this.#held[name.kind].find(name.system, name.name);
      if (before === undefined) return;
      const others = withNews(this.#placesIn(stored), note.news).filter(({ holder }) => holder !== this.#self);
      const isNew = others.some((place) => !before.some((each) => isLogin(each, place)));
      this.#partlyKnown.delete(keyOf(name));
      if (!isNew) return;
      this.#set(name, others.reduce(withPlace, before));
      if (name.kind === 'users') this.#options.onContested(name.system, name.name);
    } finally {
      note.end();
    }
  }

  async #endAgain({ name, cid, sequence }: { name: RouteName; cid: number; sequence: number }): Promise<void> {
    const held = this.#held[name.kind];
    const own = held.find(name.system, name.name)?.filter(({ holder }) => holder === this.#self) ?? [];
    if (!own.some((place) => place.cid === cid)) await this.#store.drop(name, cid, own.length === 0);
    // Whoever has read it meanwhile.
    void this.#shareEnd(name, { holder: this.#self, cid, sequence });
  }
}

function loginOf({ system, name: uid }: RouteName, { holder, cid, sequence: loginSequence }: HeldPlace): Login {
  return { system, uid, node: holder.id, cid, loginSequence };
}

function isLogin(a: HeldPlace, b: HeldPlace): boolean {
  return a.cid === b.cid && a.sequence === b.sequence && a.holder.id === b.holder.id;
}

function withoutCid(places: readonly HeldPlace[], holder: Holder, cid: number): readonly HeldPlace[] {
  return places.filter((place) => place.holder !== holder || place.cid !== cid);
}

function keyOf({ kind, system, name }: RouteName): string {
  return `${kind}:${system.length}:${system}${name}`;
}
