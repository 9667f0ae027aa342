import { type Dialect, dialects } from '../api/dialect.ts';
import { probeSystem } from '../api/system.ts';
import type { ConnectionRef } from '../api/target.ts';
import { normalizeClientId } from '../wire/client-id.ts';
import type { Connection, Identity } from './connection.ts';
import { joinUserGroups, leaveAllGroups } from './groups.ts';
import { createSystemIndex, type MembershipChange, type SystemIndex } from './system-index.ts';

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

  constructor(options: { mintClientId: () => string }) {
    this.#mintClientId = options.mintClientId;
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
    return this.systems.flatMap((index) => [...index.connections]);
  }

  system(id: string): SystemIndex | undefined {
    return this.#systems.get(id);
  }

  /** False when it is here already. */
  add(connection: Connection): boolean {
    let index = this.#systems.get(connection.system);
    if (index === undefined) {
      index = createSystemIndex(connection.system);
      this.#systems.set(connection.system, index);
    }
    if (index.connections.has(connection)) return false;
    index.connections.add(connection);
    this.#byCid.set(connection.cid, connection);
    if (connection.clientId !== undefined) this.#byClientId.set(connection.clientId, connection);
    this.#count(connection, 1);
    return true;
  }

  /** Gives the connection its user; it becomes a member of the groups the user has joined. */
  bind(connection: Connection, identity: Identity): MembershipChange[] {
    const index = this.#systems.get(connection.system);
    if (index === undefined || !index.connections.has(connection)) return [];
    connection.identity = identity;
    let user = index.users.get(identity.uid);
    if (user === undefined) {
      user = { uid: identity.uid, connections: new Set(), groups: new Set() };
      index.users.set(identity.uid, user);
    }
    user.connections.add(connection);
    return joinUserGroups(user, connection);
  }

  /** Forgets the connection; returns what it was a member of, already without it, or undefined when it was not here. */
  remove(connection: Connection): MembershipChange[] | undefined {
    const index = this.#systems.get(connection.system);
    if (index === undefined || !index.connections.delete(connection)) return undefined;
    this.#byCid.delete(connection.cid);
    if (connection.clientId !== undefined) this.#byClientId.delete(connection.clientId);
    this.#count(connection, -1);
    const left = leaveAllGroups(index, connection);
    if (index.connections.size === 0) this.#systems.delete(index.id);
    return left;
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

  #count(connection: Connection, change: 1 | -1): void {
    if (connection.system === probeSystem) return;
    this.#size += change;
    this.#byDialect[connection.dialect] += change;
  }
}
