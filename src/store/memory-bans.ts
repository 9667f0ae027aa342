import type { BanInfo } from '../api/keys.ts';
import { BanTable } from './ban-table.ts';
import type { Bans } from './bans.ts';

/** Bans that last as long as the process: for tests, and the reference for the others. */
export class MemoryBans implements Bans {
  readonly #table = new BanTable();

  async ban(ban: BanInfo, now: number): Promise<void> {
    this.#table.sweep(now);
    this.#table.set(ban);
  }

  async unban(system: string, uid: string, now: number): Promise<boolean> {
    const ban = this.#table.find(system, uid, now);
    this.#table.remove(system, uid);
    return ban !== undefined;
  }

  find(system: string, uid: string, now: number): BanInfo | undefined {
    return this.#table.find(system, uid, now);
  }

  async list(now: number, system?: string): Promise<BanInfo[]> {
    return this.#table.list(now, system);
  }

  async removeSystem(system: string): Promise<void> {
    this.#table.removeSystem(system);
  }
}
