import { readFile } from 'node:fs/promises';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const preload = pathToFileURL(join(import.meta.dirname, '../peers/profile-on-signal.ts')).href;
const lookMs = 20;
const patienceMs = 15_000;

/** Into the environment of a program, and of what it starts: `profileByFile` then profiles any of its processes. */
export function profileEnv(file: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${preload}`, BENCH_PROFILE_FILE: file };
}

/** What a process with `profileEnv(file)` does until the end of `work`. Rejects where it says nothing. */
export async function profileByFile(
  file: string,
  pid: number,
  work: () => Promise<unknown>,
): Promise<Profiler.Profile> {
  process.kill(pid, 'SIGUSR2');
  await written(`${file}.${pid}.started`);
  await work();
  process.kill(pid, 'SIGUSR2');
  return JSON.parse(await written(`${file}.${pid}.cpuprofile`)) as Profiler.Profile;
}

async function written(file: string): Promise<string> {
  for (let waited = 0; ; waited += lookMs) {
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || waited > patienceMs) throw error;
    }
    await delay(lookMs);
  }
}
