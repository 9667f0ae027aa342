import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { defaultSystem } from '../api/system.ts';
import { StartError } from '../util/start-error.ts';

/** Each leads from the schema of its index to the next; a released one never changes. */
const migrations = [
  'CREATE TABLE systems (system TEXT PRIMARY KEY, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;',
  `ALTER TABLE systems ADD COLUMN keyed INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE api_keys (
     sequence INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     system TEXT REFERENCES systems (system) ON DELETE CASCADE, -- NULL: the operator's
     role TEXT NOT NULL,
     digest BLOB NOT NULL,
     created_at INTEGER NOT NULL,
     expires_at INTEGER
   ) STRICT;
   CREATE TABLE bans (
     system TEXT NOT NULL REFERENCES systems (system) ON DELETE CASCADE,
     uid TEXT NOT NULL,
     until INTEGER NOT NULL,
     reason TEXT NOT NULL,
     PRIMARY KEY (system, uid)
   ) STRICT, WITHOUT ROWID;`,
];
const schemaVersion = migrations.length;

/** A file of an older release has been brought up to date. */
export interface FileUpgrade {
  readonly file: string;
  readonly from: number;
  readonly to: number;
  /** What it was before. */
  readonly backup: string;
}

/**
 * Opens, or makes, the SQLite file of systems, keys and bans (WAL, fsync at each change: there are few). One of an older
 * release is brought up to date, after a copy of it was put beside it as `FILE.v<schema>.backup` (0600). The caller holds the
 * lock on the directory, so nobody else writes, and closes it. Throws `StartError`, which names the file, when it is corrupt,
 * unwritable or newer.
 */
export function openSystemsFile(file: string, onUpgrade: (upgrade: FileUpgrade) => void = () => {}): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    const check = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (check !== 'ok') throw new Error(String(check));
    const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version > schemaVersion) throw newer(file, version);
    const isOlder = version > 0 && version < schemaVersion;
    const backup = `${file}.v${version}.backup`;
    if (isOlder) backUp(db, backup);
    migrate(db, version);
    if (isOlder) onUpgrade({ file, from: version, to: schemaVersion, backup });
    return db;
  } catch (error) {
    try {
      db?.close();
    } catch {
      // It never opened.
    }
    throw error instanceof StartError ? error : unusable(file, error as Error);
  }
}

/** Undone as a whole where `work` throws. */
export function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    // A full disk has ended it already.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function migrate(db: DatabaseSync, version: number): void {
  inTransaction(db, () => {
    for (const migration of migrations.slice(version)) db.exec(migration);
    db.prepare('INSERT OR IGNORE INTO systems (system, created_at) VALUES (?, ?)').run(defaultSystem, Date.now());
    db.exec(`PRAGMA user_version = ${schemaVersion}`);
  });
}

/** Complete or not there, also after a crash. */
function backUp(db: DatabaseSync, backup: string): void {
  const unfinished = `${backup}.unfinished`;
  rmSync(unfinished, { force: true });
  // SQLite takes an empty file as the place of a new one, and its mode with it.
  writeFileSync(unfinished, '', { mode: 0o600 });
  chmodSync(unfinished, 0o600);
  db.prepare('VACUUM INTO ?').run(unfinished);
  renameSync(unfinished, backup);
}

function newer(file: string, version: number): StartError {
  return new StartError(`${file} was written by a newer yunque (schema ${version}, this one knows ${schemaVersion})`, {
    hint: 'start the newer version, or name another data directory with --data-dir',
  });
}

function unusable(file: string, cause: Error): StartError {
  return new StartError(`cannot use ${file}: ${cause.message}`, {
    hint: 'if it is damaged, restore it from a backup or move it away (registered systems, keys and bans are lost); if it cannot be written, check its owner and the free space',
    cause,
  });
}
