import { DatabaseSync } from 'node:sqlite';

/**
 * Locks `file`, which it makes where there is none, until `release` or the end of the process, however it ends: the lock is SQLite's
 * exclusive file lock, which the kernel takes back. Undefined where another process, or this one, holds it. Throws what
 * opening throws.
 */
export function takeLock(file: string): { release(): void } | undefined {
  const lock = new DatabaseSync(file);
  try {
    lock.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (error) {
    lock.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { release: () => lock.close() };
}

/** SQLITE_BUSY: another connection holds the file. Not told by the message, which may hold any path. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}
