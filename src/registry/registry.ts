import { type Dialect, dialects } from '../api/dialect.ts';
import { probeSystem } from '../api/system.ts';
import type { ConnectionRef } from '../api/target.ts';
import type { Counters } from '../telemetry/counters.ts';
import { normalizeClientId } from '../wire/client-id.ts';
import { Audience, type BatchRules } from './audience.ts';
import type { Connection, Identity } from './connection.ts';
import { EndOfTurn } from './end-of-turn.ts';
import { joinUserGroups, leaveAllGroups } from './groups.ts';
import type { Membership, MembershipChange, SystemIndex } from './system-index.ts';

export interface RegistryOptions {
  readonly mintClientId: () => string;
  /** Shared with the connections. */
  readonly turn?: EndOfTurn;
  /** Absent: deliveries to groups and systems are not counted. */
  readonly counters?: Counters;
  /** How a system's, or a group's, messages are collected; absent: each turn's together. */
  readonly batching?: (system: string, group?: string) => BatchRules;
}

export type GroupListener = (system: string, group: string, isHere: boolean) => void;

const eachTurn: BatchRules = { delayMs: 0, maxBytes: 256 * 1024 };

/**
 * Who is connected to this node: by cid, by clientId, by system, user and group. It holds only connections that may receive
 * messages; one that still has to bind is not in it. The probe's system is findable by name and in no count and no list.
 */
export class Registry {
  readonly #systems = new Map<string, SystemIndex>();
  readonly #byCid = new Map<number, Connection>();
  readonly #byClientId = new Map<string, Connection>();
  #size = 0;
  readonly #byDialect = Object.fromEntries(dialects.map((d) => [d, 0])) as Record<Dialect, number>;
  readonly #mintClientId: () => string;
  #onGroup: GroupListener | undefined;
  readonly #counters: Counters | undefined;
  readonly #batching: (system: string, group?: string) => BatchRules;
  /** When what was written leaves. */
  readonly turn: EndOfTurn;

  constructor({ mintClientId, turn = new EndOfTurn(), counters, batching = () => eachTurn }: RegistryOptions) {
    this.#mintClientId = mintClientId;
    this.turn = turn;
    this.#counters = counters;
    this.#batching = batching;
  }

  get size(): number {
    return this.#size;
  }

  get countByDialect(): Readonly<Record<Dialect, number>> {
    return this.#byDialect;
  }

  get systems(): SystemIndex[] {
    return [...this.#systems.values()].filter((index) => index.id !== probeSystem);
  }

  get connections(): Connection[] {
    return this.systems.flatMap((index) => [...index.members.connections()]);
  }

  system(id: string): SystemIndex | undefined {
    return this.#systems.get(id);
  }

  /** The one listener hears of each group's first member here, and of the end of the last. It must not throw. */
  watchGroups(listener: GroupListener): void {
    this.#onGroup = listener;
  }

  /** False when it is here already. */
  add(connection: Connection): boolean {
    let index = this.#systems.get(connection.system);
    if (index === undefined) {
      index = this.#newIndex(connection.system);
      this.#systems.set(connection.system, index);
    }
    if (index.members.has(connection)) return false;
    index.members.add({ connection, position: index.members.head });
    this.#byCid.set(connection.cid, connection);
    if (connection.clientId !== undefined) this.#byClientId.set(connection.clientId, connection);
    this.#count(connection, 1);
    return true;
  }

  /** Gives the connection its user; it becomes a member of the groups the user has joined. */
  bind(connection: Connection, identity: Identity): MembershipChange[] {
    const index = this.#systems.get(connection.system);
    if (index === undefined || !index.members.has(connection)) return [];
    connection.identity = identity;
    let user = index.users.get(identity.uid);
    if (user === undefined) {
      user = { uid: identity.uid, connections: new Set(), groups: undefined };
      index.users.set(identity.uid, user);
    }
    user.connections.add(connection);
    return joinUserGroups(user, connection);
  }

  /** Forgets the connection; returns what it was a member of, already without it, or undefined when it was not here. */
  remove(connection: Connection): MembershipChange[] | undefined {
    const index = this.#systems.get(connection.system);
    if (index?.members.delete(connection) === undefined) return undefined;
    this.#byCid.delete(connection.cid);
    if (connection.clientId !== undefined) this.#byClientId.delete(connection.clientId);
    this.#count(connection, -1);
    const left = leaveAllGroups(index, connection);
    if (index.members.size === 0) this.#systems.delete(index.id);
    return left;
  }

  /** Writes to a connection what its groups and its system hold for it: it is about to be closed. */
  serve(connection: Connection): void {
    const index = this.#systems.get(connection.system);
    if (index?.members.has(connection) !== true) return;
    index.members.serve(connection);
    for (const group of connection.groups?.keys() ?? []) group.members.serve(connection);
  }

  /** The connection's clientId; made on first need, because only go-websocket's clients and API ever see it. */
  clientIdOf(connection: Connection): string {
    if (connection.clientId === undefined) {
      connection.clientId = this.#mintClientId();
      if (this.#byCid.get(connection.cid) === connection) this.#byClientId.set(connection.clientId, connection);
    }
    return connection.clientId;
  }

  /** The connection of this system that a clientId (either base64 spelling) or a cid names. */
  find(system: string, ref: ConnectionRef): Connection | undefined {
    const connection = /^[1-9]\d{0,15}$/.test(ref)
      ? this.#byCid.get(Number(ref))
      : this.#byClientId.get(normalizeClientId(ref) ?? '');
    return connection?.system === system ? connection : undefined;
  }

  #newIndex(id: string): SystemIndex {
    const { turn } = this;
    const counters = id === probeSystem ? undefined : this.#counters;
    return {
      id,
      members: new Audience({ turn, counters, rules: this.#batching(id) }),
      users: new Map(),
      groups: new Map(),
      newAudience: (group) => new Audience<Membership>({ turn, counters, rules: this.#batching(id, group) }),
      onGroup: (group, isHere) => this.#onGroup?.(id, group, isHere),
    };
  }

  #count(connection: Connection, change: 1 | -1): void {
    if (connection.system === probeSystem) return;
    this.#size += change;
    this.#byDialect[connection.dialect] += change;
  }
}
