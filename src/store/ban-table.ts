import type { BanInfo } from '../api/keys.ts';

/** Bans in memory: what the implementations of `Bans` answer from. */
export class BanTable {
  readonly #systems = new Map<string, Map<string, BanInfo>>();

  set(ban: BanInfo): void {
    const users = this.#systems.get(ban.system) ?? new Map<string, BanInfo>();
    this.#systems.set(ban.system, users.set(ban.uid, ban));
  }

  remove(system: string, uid: string): void {
    const users = this.#systems.get(system);
    if (users?.delete(uid) && users.size === 0) this.#systems.delete(system);
  }

  removeSystem(system: string): void {
    this.#systems.delete(system);
  }

  find(system: string, uid: string, now: number): BanInfo | undefined {
    const ban = this.#systems.get(system)?.get(uid);
    return ban !== undefined && ban.until > now ? ban : undefined;
  }

  list(now: number, system?: string): BanInfo[] {
    return this.#all()
      .filter((ban) => ban.until > now && (system === undefined || ban.system === system))
      .sort((a, b) => compare(a.system, b.system) || compare(a.uid, b.uid));
  }

  /** Forgets those that are over, and answers how many they were. */
  sweep(now: number): number {
    const over = this.#all().filter(({ until }) => until <= now);
    for (const { system, uid } of over) this.remove(system, uid);
    return over.length;
  }

  #all(): BanInfo[] {
    return [...this.#systems.values()].flatMap((users) => [...users.values()]);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
