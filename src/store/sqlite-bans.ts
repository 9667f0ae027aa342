import type { DatabaseSync } from 'node:sqlite';
import type { BanInfo } from '../api/keys.ts';
import { BanTable } from './ban-table.ts';
import type { Bans } from './bans.ts';
import { keep } from './keep.ts';

/** Bans in the file of the systems, with which they are removed. Written through: answers come from memory. */
export class SqliteBans implements Bans {
  readonly #db: DatabaseSync;
  readonly #table = new BanTable();

  constructor(db: DatabaseSync) {
    this.#db = db;
    for (const row of db.prepare('SELECT * FROM bans').all()) {
      const { system, uid, until, reason } = row;
      this.#table.set({
        system: String(system),
        uid: String(uid),
        until: Number(until),
        reason: String(reason),
      });
    }
  }

  async ban({ system, uid, until, reason }: BanInfo, now: number): Promise<void> {
    keep(() => {
      this.#sweep(now);
      this.#db.prepare('INSERT OR REPLACE INTO bans VALUES (?, ?, ?, ?)').run(system, uid, until, reason);
    });
    this.#table.set({ system, uid, until, reason });
  }

  async unban(system: string, uid: string, now: number): Promise<boolean> {
    const ban = this.#table.find(system, uid, now);
    keep(() => this.#db.prepare('DELETE FROM bans WHERE system = ? AND uid = ?').run(system, uid));
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
    keep(() => this.#db.prepare('DELETE FROM bans WHERE system = ?').run(system));
    this.#table.removeSystem(system);
  }

  #sweep(now: number): void {
    if (this.#table.sweep(now) > 0) this.#db.prepare('DELETE FROM bans WHERE until <= ?').run(now);
  }
}
