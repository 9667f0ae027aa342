import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeDirectory } from '../util/make-directory.ts';
import { StartError } from '../util/start-error.ts';

export interface DataDirectory {
  readonly path: string;
  release(): void;
}

/**
 * Makes the data directory (0700) and locks it until `release` or the end of the process, however it ends: the lock is
 * SQLite's exclusive file lock, which the kernel takes back. Throws `StartError` naming the directory, and the process
 * that holds it when it is in use.
 */
export function openDataDirectory(path: string): DataDirectory {
  const pidFile = join(path, 'pid');
  let lock: DatabaseSync | undefined;
  try {
    makeDirectory(resolve(path));
    lock = new DatabaseSync(join(path, 'lock'));
    lock.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch (error) {
    lock?.close();
    throw isBusy(error) ? inUse(path, pidFile) : unusable(path, error as Error);
  }
  const held = lock;
  return {
    path,
    release() {
      // Before the lock: behind it the file may be another process'.
      rmSync(pidFile, { force: true });
      held.close();
    },
  };
}

/** SQLITE_BUSY: another connection holds the file. Not told by the message, which may hold any path. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}

/** The text of `file` in `directory`; made by `make` and kept (0600) when there is none, or an empty one that a crash left. */
export function keptSecret(directory: string, file: string, make: () => string): string {
  const path = join(directory, file);
  try {
    const kept = readFileSync(path, 'utf8').trim();
    if (kept !== '') return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable(path, error as Error);
  }
  const secret = make();
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
  return secret;
}

function inUse(path: string, pidFile: string): StartError {
  let holder = 'another process';
  try {
    holder = `process ${readFileSync(pidFile, 'utf8').trim()}`;
  } catch {
    // Held before it wrote its number.
  }
  return new StartError(`the data directory ${path} is in use by ${holder}`, {
    hint: 'stop that node, or give this one a directory of its own with --data-dir',
  });
}

function unusable(path: string, error: Error): StartError {
  return new StartError(`cannot use the data directory ${path}: ${error.message}`, {
    hint: 'check that it is a directory this user can write to, or name another with --data-dir',
    cause: error,
  });
}
