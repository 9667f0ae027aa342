import type { DatabaseSync } from 'node:sqlite';
import type { KeyGrant, KeyInfo, KeyOwner, KeyRotation, StoredKey } from '../api/keys.ts';
import { keep, keepTogether } from './keep.ts';
import { infoOf, KeyTable, rotationOf } from './key-table.ts';
import type { Keys, RotateOptions } from './keys.ts';

/** Keys in the file of the systems, with which they are removed. Written through: answers come from memory. */
export class SqliteKeys implements Keys {
  readonly #db: DatabaseSync;
  readonly #table = new KeyTable();

  constructor(db: DatabaseSync) {
    this.#db = db;
    for (const row of db.prepare('SELECT * FROM api_keys ORDER BY sequence').all()) this.#table.add(keyOf(row));
    for (const row of db.prepare('SELECT system FROM systems WHERE keyed').all()) {
      this.#table.markKeyed(String(row['system']));
    }
  }

  find(id: string): StoredKey | undefined {
    return this.#table.find(id);
  }

  isKeyed(system: string): boolean {
    return this.#table.isKeyed(system);
  }

  async rotate(grant: KeyGrant, options: RotateOptions): Promise<KeyRotation> {
    const plan = this.#table.plan(grant, options);
    keepTogether(this.#db, () => {
      for (const id of plan.removed) this.#delete(id);
      this.#insert(plan.stored);
    });
    for (const id of plan.removed) this.#table.remove(id);
    this.#table.add(plan.stored);
    return rotationOf(plan);
  }

  async remove(id: string): Promise<KeyInfo | undefined> {
    const key = this.#table.find(id);
    if (key === undefined) return undefined;
    keep(() => this.#delete(id));
    this.#table.remove(id);
    return infoOf(key);
  }

  async removeSystem(system: string): Promise<void> {
    keepTogether(this.#db, () => {
      this.#db.prepare('DELETE FROM api_keys WHERE system = ?').run(system);
      this.#db.prepare('UPDATE systems SET keyed = 0 WHERE system = ?').run(system);
    });
    this.#table.removeSystem(system);
  }

  async list(owner?: KeyOwner): Promise<KeyInfo[]> {
    return this.#table.list(owner);
  }

  #insert(key: StoredKey): void {
    const system = key.owner === 'system' ? key.system : null;
    this.#db
      .prepare('INSERT INTO api_keys (id, system, role, digest, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)')
      .run(key.id, system, key.role, key.digest, key.createdAt, key.expiresAt ?? null);
    if (system !== null) this.#db.prepare('UPDATE systems SET keyed = 1 WHERE system = ?').run(system);
  }

  #delete(id: string): void {
    this.#db.prepare('DELETE FROM api_keys WHERE id = ?').run(id);
  }
}

function keyOf(row: Record<string, unknown>): StoredKey {
  const { system, role, expires_at: expiresAt } = row;
  // The file is ours alone, and only what `rotate` was given is in it.
  const grant = (system === null ? { owner: 'operator', role } : { owner: 'system', system, role }) as KeyGrant;
  return {
    ...grant,
    id: String(row['id']),
    createdAt: Number(row['created_at']),
    ...(expiresAt !== null && { expiresAt: Number(expiresAt) }),
    digest: Buffer.from(row['digest'] as Uint8Array),
  };
}
