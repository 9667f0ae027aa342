import type { ClusterDirectory, NodeStart, RouteChange } from './cluster-directory.ts';
import type { Login, Route } from './directory.ts';

export interface ReplicaOptions {
  readonly node: string;
  /** Below 2^20 and of no other live node: makes the numbers of logins differ. */
  readonly lease: number;
  /** Resolves when every live node has the change; never rejects. Called in the turn of the change. */
  readonly share: (change: RouteChange) => Promise<unknown>;
}

/** A node as routes hold it; what refers to one that is gone is no longer seen, and removed bit by bit. */
interface Holder {
  readonly id: string;
  gone: boolean;
}

interface Place {
  readonly holder: Holder;
  readonly cid: number;
  readonly sequence: number;
}

const leases = 2 ** 20;
/** Users looked at for routes of a node that is gone, before the loop gets a turn. */
const usersPerTurn = 20_000;

/**
 * A directory that every node holds whole: lookups are local. A login is known on every live node when it resolves, a logout
 * too; a node that is gone takes its routes with it at once. Numbers of logins are a Lamport clock with the node's lease below
 * it, so that two nodes never give the same one. One route takes about 150 bytes on each node.
 */
export class ReplicaDirectory implements ClusterDirectory {
  readonly #options: ReplicaOptions;
  readonly #systems = new Map<string, Map<string, Place | Place[]>>();
  readonly #holders = new Map<string, Holder>();
  #clock = 0;

  constructor(options: ReplicaOptions) {
    if (!(options.lease >= 0 && options.lease < leases)) throw new RangeError(`no lease: ${options.lease}`);
    this.#options = options;
  }

  async login(route: Route): Promise<number> {
    this.#clock += 1;
    const loginSequence = this.#clock * leases + this.#options.lease;
    const login = { ...route, loginSequence };
    this.#put(login);
    await this.#options.share({ out: false, login });
    return loginSequence;
  }

  async logout(login: Login): Promise<void> {
    if (this.#take(login)) await this.#options.share({ out: true, login });
  }

  async routes(system: string, uid: string): Promise<Login[]> {
    return this.#places(system, uid).map(({ holder, cid, sequence }) => {
      return { system, uid, node: holder.id, cid, loginSequence: sequence };
    });
  }

  /** The nodes that hold the user, each once. */
  nodesOf(system: string, uid: string): string[] {
    const entry = this.#systems.get(system)?.get(uid);
    if (entry === undefined) return [];
    if (!Array.isArray(entry)) return entry.holder.gone ? [] : [entry.holder.id];
    return [...new Set(this.#places(system, uid).map(({ holder }) => holder.id))];
  }

  /** Users with a route, wherever. */
  userCount(system: string): number {
    return this.#systems.get(system)?.size ?? 0;
  }

  /** Users with a route, of all systems, wherever. */
  get totalUsers(): number {
    let users = 0;
    for (const { size } of this.#systems.values()) users += size;
    return users;
  }

  countUsersHere(): Map<string, number> {
    const self = this.#options.node;
    const counts = new Map<string, number>();
    for (const [system, users] of this.#systems) {
      let counted = 0;
      for (const entry of users.values()) {
        if (!Array.isArray(entry)) {
          if (entry.holder.id === self && !entry.holder.gone) counted += 1;
          continue;
        }
        const places = entry.filter(({ holder }) => !holder.gone);
        if (places.some(({ holder }) => holder.id === self) && places.every(({ holder }) => holder.id >= self))
          counted += 1;
      }
      if (counted > 0) counts.set(system, counted);
    }
    return counts;
  }

  async start(): Promise<void> {}

  /** Groups are asked of everyone. */
  groupNodes(): undefined {
    return undefined;
  }

  enterGroup(): void {}

  leaveGroup(): void {}

  /** Takes in what another node shared; what that one holds itself it knows. */
  apply(_from: NodeStart, { out, login }: RouteChange): readonly Login[] {
    this.#clock = Math.max(this.#clock, Math.floor(login.loginSequence / leases));
    if (out) this.#take(login);
    else this.#put(login);
    return [];
  }

  onJoin({ id }: NodeStart): void {
    this.onGone(id);
  }

  onTold(_node: string, clock: number): void {
    if (Number.isSafeInteger(clock * leases)) this.#clock = Math.max(this.#clock, clock);
  }

  onDoubt(): void {}

  get clock(): number {
    return this.#clock;
  }

  /** The routes of this node, for one that is new. */
  *own(): Generator<RouteChange> {
    const holder = this.#holders.get(this.#options.node);
    if (holder === undefined) return;
    for (const [system, users] of this.#systems) {
      for (const [uid, entry] of users) {
        for (const place of Array.isArray(entry) ? entry : [entry]) {
          if (place.holder !== holder) continue;
          const login = { system, uid, node: holder.id, cid: place.cid, loginSequence: place.sequence };
          yield { out: false, login };
        }
      }
    }
  }

  /** It is told to hold what it held until it is back, and tells all again. */
  onCut(): void {}

  onGone(node: string): void {
    const holder = this.#holders.get(node);
    if (holder === undefined) return;
    holder.gone = true;
    this.#holders.delete(node);
    this.#sweep(this.#withGone());
  }

  async close(): Promise<void> {
    this.#systems.clear();
  }

  #places(system: string, uid: string): Place[] {
    const entry = this.#systems.get(system)?.get(uid);
    if (entry === undefined) return [];
    return (Array.isArray(entry) ? entry : [entry]).filter(({ holder }) => !holder.gone);
  }

  #put({ system, uid, node, cid, loginSequence: sequence }: Login): void {
    let holder = this.#holders.get(node);
    if (holder === undefined) {
      holder = { id: node, gone: false };
      this.#holders.set(node, holder);
    }
    let users = this.#systems.get(system);
    if (users === undefined) {
      users = new Map();
      this.#systems.set(system, users);
    }
    const places = this.#places(system, uid);
    const known = places.find((place) => place.cid === cid);
    if (known !== undefined && known.sequence > sequence) return;
    const others = places.filter((place) => place !== known);
    const place = { holder, cid, sequence };
    users.set(uid, others.length === 0 ? place : [...others, place]);
  }

  /** False when there is no such login. */
  #take({ system, uid, cid, loginSequence }: Login): boolean {
    const users = this.#systems.get(system);
    const places = this.#places(system, uid);
    const left = places.filter((place) => place.cid !== cid || place.sequence !== loginSequence);
    if (users === undefined || left.length === places.length) return false;
    this.#keep(system, users, uid, left);
    return true;
  }

  #keep(system: string, users: Map<string, Place | Place[]>, uid: string, places: readonly Place[]): void {
    const [first] = places;
    if (first === undefined) users.delete(uid);
    else users.set(uid, places.length === 1 ? first : [...places]);
    if (users.size === 0 && this.#systems.get(system) === users) this.#systems.delete(system);
  }

  *#withGone(): Generator<void> {
    for (const [system, users] of this.#systems) {
      for (const [uid, entry] of users) {
        const places = Array.isArray(entry) ? entry : [entry];
        const left = places.filter(({ holder }) => !holder.gone);
        if (left.length < places.length) this.#keep(system, users, uid, left);
        yield;
      }
    }
  }

  #sweep(users: Generator<void>): void {
    for (let looked = 0; looked < usersPerTurn; looked += 1) if (users.next().done) return;
    setImmediate(() => this.#sweep(users));
  }
}
