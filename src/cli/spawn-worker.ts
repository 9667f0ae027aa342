import { type ChildProcess, spawn } from 'node:child_process';
import type { RuntimeEnv } from '../util/runtime-paths.ts';
import { programArgs } from './heap-limit.ts';

export interface SpawnWorkerOptions {
  readonly index: number;
  readonly maxHeapBytes: number | undefined;
  readonly env: RuntimeEnv;
}

/**
 * The same program as a worker, in a session of its own: a terminal's Ctrl-C is for the supervisor. What it is to do, secrets
 * included, it is told over the channel; so it gets no settings and no service manager by its environment.
 */
export function spawnWorker({ index, maxHeapBytes, env }: SpawnWorkerOptions): ChildProcess {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('YUNQUE_') && name !== 'NOTIFY_SOCKET');
  return spawn(process.execPath, [...programArgs(maxHeapBytes), 'worker', String(index + 1)], {
    detached: true,
    env: Object.fromEntries(kept),
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
  });
}
