import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The server has a core to itself, the load generator all others. */
export interface Pinning {
  /** For the table of the method. */
  readonly text: string;
  /** Put in front of a server's command; empty where nothing can be pinned. */
  readonly serverCommand: readonly string[];
  /** Puts a process that runs, with all its threads, where servers are: one that was started without `serverCommand`. */
  pinServer(pid: number): void;
  /** Puts this process, with all its threads, on the load's cores; ones that start later inherit it. */
  pinLoad(): void;
  /** On all cores again: for scenarios whose servers need more than one. */
  releaseLoad(): void;
}

const none: Omit<Pinning, 'text'> = {
  serverCommand: [],
  pinServer: () => {},
  pinLoad: () => {},
  releaseLoad: () => {},
};

export function createPinning(): Pinning {
  const cores = availableParallelism();
  if (cores < 2) return { ...none, text: 'one core for server and load: nothing is pinned' };
  if (spawnSync('taskset', ['-p', `${process.pid}`]).status !== 0) {
    return { ...none, text: `${cores} cores, nothing is pinned: there is no taskset` };
  }
  const last = cores - 1;
  const loadCores = last === 1 ? '1' : `1-${last}`;
  return {
    text: `server pinned to core 0, load generator and receivers to core ${loadCores} (taskset)`,
    serverCommand: ['taskset', '-c', '0'],
    pinServer: (pid) => pin('0', pid),
    pinLoad: () => pin(loadCores),
    releaseLoad: () => pin(`0-${last}`),
  };
}

function pin(cores: string, pid = process.pid): void {
  const { status, stderr } = spawnSync('taskset', ['-a', '-c', '-p', cores, `${pid}`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`taskset: ${stderr}`);
}
