import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makePrivateDirectory } from '../util/private-directory.ts';
import { StartError } from '../util/start-error.ts';
import { takeLock } from './exclusive-lock.ts';

export interface NodeLockOptions {
  /** Shared by the nodes of this user on this machine. */
  readonly runtimeDirectory: string;
  readonly nodeId: string;
  readonly dataDirectory: string;
}

/**
 * Lets a node id be used once among the nodes that share a runtime directory: a copy of a data directory, which its own lock cannot
 * tell from the original, has the id of the original. Throws `StartError` (78) naming the directory of the node that runs. Where
 * the runtime directory cannot be used nothing is locked.
 */
export function lockNodeId({ runtimeDirectory, nodeId, dataDirectory }: NodeLockOptions): { release(): void } {
  const file = join(runtimeDirectory, `node-${nodeId}.lock`);
  const holder = join(runtimeDirectory, `node-${nodeId}`);
  const lock = attempt(() => (makePrivateDirectory(runtimeDirectory) ? (takeLock(file) ?? 'held') : undefined));
  if (lock === 'held') {
    const other = attempt(() => readFileSync(holder, 'utf8').trim());
    throw runsAlready(nodeId, dataDirectory, other);
  }
  if (lock === undefined) return { release: () => {} };
  attempt(() => writeFileSync(holder, `${resolve(dataDirectory)}\n`, { mode: 0o600 }));
  return {
    release() {
      // Before the lock: behind it the files may be another process'.
      for (const path of [holder, file]) rmSync(path, { force: true });
      lock.release();
    },
  };
}

function runsAlready(nodeId: string, dataDirectory: string, other = 'another data directory'): StartError {
  const own = join(dataDirectory, 'node-id');
  return new StartError(
    `the node ${nodeId} runs on this machine already, in ${other}: ${dataDirectory} is a copy of it`,
    {
      hint: `stop that node; or, for a node of its own, remove ${own} and start again`,
      exitCode: 78,
    },
  );
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
