import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeDirectory } from '../util/make-directory.ts';
import { StartError } from '../util/start-error.ts';
import { takeLock } from './exclusive-lock.ts';

export interface DataDirectory {
  readonly path: string;
  release(): void;
}

/**
 * Makes the data directory (0700) and locks it until `release` or the end of the process, however it ends. Throws `StartError`
 * naming the directory, and (with 78) the process that holds it when it is in use.
 */
export function openDataDirectory(path: string): DataDirectory {
  const pidFile = join(path, 'pid');
  let lock: ReturnType<typeof takeLock>;
  try {
    makeDirectory(resolve(path));
    lock = takeLock(join(path, 'lock'));
    if (lock !== undefined) writeFileSync(pidFile, `${process.pid}\n`);
  } catch (error) {
    lock?.release();
    throw unusable(path, error as Error);
  }
  if (lock === undefined) throw inUse(path, pidFile);
  const held = lock;
  return {
    path,
    release() {
      // Before the lock: behind it the file may be another process'.
      rmSync(pidFile, { force: true });
      held.release();
    },
  };
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

/** Those of `files` that other users of the machine can read; where the directory is closed to them none. */
export function openToOthers(directory: string, files: readonly string[]): readonly string[] {
  const mayOthers = (path: string, bit: number) => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & bit) !== 0;
  if (process.platform === 'win32' || !mayOthers(directory, 0o001)) return [];
  return files.map((file) => join(directory, file)).filter((path) => mayOthers(path, 0o004));
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
    exitCode: 78,
  });
}

function unusable(path: string, error: Error): StartError {
  return new StartError(`cannot use the data directory ${path}: ${error.message}`, {
    hint: 'check that it is a directory this user can write to, or name another with --data-dir',
    cause: error,
  });
}
