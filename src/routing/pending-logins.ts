import type { Device } from '../registry/devices.ts';

/** A login that has begun and not ended: what happens to its user meanwhile is kept for it. */
export interface PendingLogin {
  /** Logins on other nodes that have come to here meanwhile. */
  readonly arrivals: Device[];
  /** Groups that were removed meanwhile. */
  readonly removedGroups: Set<string>;
  /** The user may have been banned, or its system removed. */
  mustCheckAgain: boolean;
  end(): void;
}

interface Entry extends PendingLogin {
  readonly ended: Promise<void>;
}

/** Logins of this node that wait for other nodes. */
export class PendingLogins {
  readonly #systems = new Map<string, Map<string, Set<Entry>>>();

  begin(system: string, uid: string): PendingLogin {
    const users = this.#systems.get(system) ?? new Map<string, Set<Entry>>();
    this.#systems.set(system, users);
    const entries = users.get(uid) ?? new Set();
    users.set(uid, entries);
    const { promise, resolve } = Promise.withResolvers<void>();
    const entry: Entry = {
      arrivals: [],
      removedGroups: new Set(),
      mustCheckAgain: false,
      ended: promise,
      end: () => {
        entries.delete(entry);
        if (entries.size === 0 && users.get(uid) === entries) users.delete(uid);
        if (users.size === 0 && this.#systems.get(system) === users) this.#systems.delete(system);
        resolve();
      },
    };
    entries.add(entry);
    return entry;
  }

  of(system: string, uid: string): Iterable<PendingLogin> {
    return this.#systems.get(system)?.get(uid) ?? [];
  }

  *ofSystem(system: string): Generator<PendingLogin> {
    for (const entries of this.#systems.get(system)?.values() ?? []) yield* entries;
  }

  /** Resolves when those logins of these users have ended that are pending now. */
  async whenEnded(system: string, uids: readonly string[]): Promise<void> {
    const users = this.#systems.get(system);
    if (users === undefined) return;
    await Promise.all(uids.flatMap((uid) => [...(users.get(uid) ?? [])].map(({ ended }) => ended)));
  }
}
