import { DatabaseSync } from 'node:sqlite';
import { defaultSystem } from '../api/system.ts';
import { StartError } from '../util/start-error.ts';
import type { SystemRecord, Systems } from './systems.ts';

const schemaVersion = 1;

/**
 * Systems in one SQLite file (WAL, fsync at each change: there are few). Answers from memory; the caller holds the lock on
 * the directory, so nobody else writes. Throws `StartError`, which names the file, when it is corrupt, unwritable or newer.
 */
export class SqliteSystems implements Systems {
  readonly #db: DatabaseSync;
  readonly #records = new Map<string, SystemRecord>();

  constructor(file: string) {
    this.#db = openDatabase(file);
    for (const row of this.#db.prepare('SELECT system, created_at AS createdAt FROM systems').all()) {
      const record = { system: String(row['system']), createdAt: Number(row['createdAt']) };
      this.#records.set(record.system, record);
    }
  }

  async has(system: string): Promise<boolean> {
    return this.#records.has(system);
  }

  async add(system: string, createdAt: number): Promise<boolean> {
    if (this.#records.has(system)) return false;
    this.#db.prepare('INSERT INTO systems (system, created_at) VALUES (?, ?)').run(system, createdAt);
    this.#records.set(system, { system, createdAt });
    return true;
  }

  async remove(system: string): Promise<boolean> {
    if (system === defaultSystem || !this.#records.has(system)) return false;
    this.#db.prepare('DELETE FROM systems WHERE system = ?').run(system);
    return this.#records.delete(system);
  }

  async list(): Promise<SystemRecord[]> {
    return [...this.#records.values()].sort((a, b) => (a.system < b.system ? -1 : 1));
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}

function openDatabase(file: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    const check = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (check !== 'ok') throw new Error(String(check));
    const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version > schemaVersion) {
      throw new StartError(
        `${file} was written by a newer yunque (schema ${version}, this one knows ${schemaVersion})`,
        {
          hint: 'start the newer version, or name another data directory with --data-dir',
        },
      );
    }
    db.exec(`
      BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS systems (system TEXT PRIMARY KEY, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
      INSERT OR IGNORE INTO systems VALUES ('${defaultSystem}', ${Date.now()});
      PRAGMA user_version = ${schemaVersion};
      COMMIT;`);
    return db;
  } catch (error) {
    try {
      db?.close();
    } catch {
      // It never opened.
    }
    if (error instanceof StartError) throw error;
    throw new StartError(`cannot use ${file}: ${(error as Error).message}`, {
      hint: 'if it is damaged, restore it from a backup or move it away (registered systems are lost); if it cannot be written, check its owner and the free space',
      cause: error,
    });
  }
}
