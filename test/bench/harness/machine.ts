import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';

/** What figures depend on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly memoryGiB: number;
  readonly node: string;
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    // Not `availableParallelism`: the load is pinned to some of them.
    cores: cpus().length,
    // The version, without what a distributor or a builder has appended.
    kernel: `${type()} ${release().replace(/-.*/, '')}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

/** The short hash of what is measured, with `-dirty` where files have changed since; `unknown` outside a repository. */
export function thisCommit(): string {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' });
  const { status, stdout } = git('rev-parse', '--short=10', 'HEAD');
  if (status !== 0) return 'unknown';
  const changed = git(
    'status',
    '--porcelain',
    '--untracked-files=no',
    '--',
    ':/src',
    ':/test/bench',
    ':!/test/bench/results',
  ).stdout.trim();
  return `${stdout.trim()}${changed === '' ? '' : '-dirty'}`;
}
