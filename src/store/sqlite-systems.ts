import type { DatabaseSync } from 'node:sqlite';
import { defaultSystem } from '../api/system.ts';
import { keep, keepTogether } from './keep.ts';
import type { SystemRecord, Systems } from './systems.ts';

/** Systems in a file of `openSystemsFile`. Written through: answers come from memory. */
export class SqliteSystems implements Systems {
  readonly #db: DatabaseSync;
  readonly #records = new Map<string, SystemRecord>();

  constructor(db: DatabaseSync) {
    this.#db = db;
    for (const row of this.#db.prepare('SELECT system, created_at AS createdAt FROM systems').all()) {
      const record = { system: String(row['system']), createdAt: Number(row['createdAt']) };
      this.#records.set(record.system, record);
    }
  }

  has(system: string): boolean {
    return this.#records.has(system);
  }

  async add(system: string, createdAt: number): Promise<boolean> {
    if (this.#records.has(system)) return false;
    keep(() => this.#insert(system, createdAt));
    this.#records.set(system, { system, createdAt });
    return true;
  }

  async addAll(systems: readonly string[], createdAt: number): Promise<void> {
    const fresh = new Set(systems.filter((system) => !this.#records.has(system)));
    if (fresh.size === 0) return;
    keepTogether(this.#db, () => {
      for (const system of fresh) this.#insert(system, createdAt);
    });
    for (const system of fresh) this.#records.set(system, { system, createdAt });
  }

  #insert(system: string, createdAt: number): void {
    this.#db.prepare('INSERT INTO systems (system, created_at) VALUES (?, ?)').run(system, createdAt);
  }

  async remove(system: string): Promise<boolean> {
    if (system === defaultSystem || !this.#records.has(system)) return false;
    keep(() => this.#db.prepare('DELETE FROM systems WHERE system = ?').run(system));
    return this.#records.delete(system);
  }

  async list(): Promise<SystemRecord[]> {
    return [...this.#records.values()].sort((a, b) => (a.system < b.system ? -1 : 1));
  }
}
