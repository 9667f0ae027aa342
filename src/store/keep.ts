import type { DatabaseSync } from 'node:sqlite';
import { YunqueError } from '../api/errors.ts';
import { inTransaction } from './systems-file.ts';

/** What is to be done where SQLite's primary result codes (sqlite.org/rescode.html) mean the disk and not us. */
const remedies: ReadonlyMap<number, string> = new Map([
  [5, 'end the other program that has systems.db of the data directory open, and try again'],
  [8, 'let the node’s user write to the data directory, which may be on a disk that became read-only, and try again'],
  [
    10,
    'look at the disk of the data directory, and at the quota and file size limit of the node’s user; then try again',
  ],
  [13, 'make room on the disk of the data directory, and try again'],
  [14, 'let the node’s user write to the data directory, and try again'],
]);

/**
 * Writes to the data directory. What a full, broken or read-only disk refuses becomes `unavailable`, with what to do: SQLite has undone
 * that change, and the caller makes none in memory.
 */
export function keep<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const hint = error instanceof Error && 'errcode' in error ? remedies.get(Number(error.errcode) & 0xff) : undefined;
    if (hint === undefined) throw error;
    const reason = (error as Error).message;
    throw new YunqueError('unavailable', `the data directory cannot be written: ${reason}`, { hint, cause: error });
  }
}

/** As `keep`, and undone as a whole where `work` throws. */
export function keepTogether(db: DatabaseSync, work: () => void): void {
  keep(() => inTransaction(db, work));
}
