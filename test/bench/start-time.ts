// P18: how long the binary takes from start to end, as a shell sees it. Prints figures; judges nothing.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureBinary } from '../support/binary.ts';

const RUNS = 21;

export interface StartTime {
  readonly what: string;
  readonly medianMs: number;
  readonly fastestMs: number;
  /** What PERFORMANCE.md allows; undefined for the floor it is compared with. */
  readonly targetMs?: number;
}

/** Wall times of whole processes, interleaved so that a noisy moment meets all of them. */
export async function measureStartTimes(): Promise<StartTime[]> {
  const binary = await ensureBinary();
  const home = await mkdtemp(join(tmpdir(), 'yunque-start-time-'));
  const port = await freePort();
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, YUNQUE_DATA_DIR: join(home, 'data') };
  const server = spawn(binary, ['serve', `${port}`, '--host', '127.0.0.1'], { env, stdio: 'ignore' });
  try {
    await untilHealthy(port);
    const send = ['send', '--server', `http://127.0.0.1:${port}`, '--all', '--allow-offline', 'x'];
    const cases = [
      { what: 'node -e 0 (the floor)', command: [process.execPath, '-e', '0'] },
      { what: 'yunque --version', command: [binary, '--version'], targetMs: 80 },
      { what: 'yunque --help', command: [binary, '--help'] },
      { what: 'yunque send', command: [binary, ...send], targetMs: 150 },
    ];
    const times = cases.map((): number[] => []);
    for (let run = 0; run < RUNS; run++) {
      cases.forEach(({ what, command }, index) => {
        times[index]?.push(wallTimeMs(what, command, env));
      });
    }
    return cases.map(({ command: _, ...rest }, index) => ({ ...rest, ...summary(times[index] ?? []) }));
  } finally {
    server.kill();
    await rm(home, { recursive: true, force: true });
  }
}

function wallTimeMs(what: string, [file = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): number {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(file, args, { env, encoding: 'utf8' });
  const took = performance.now() - startedAt;
  if (status !== 0) throw new Error(`${what} ended with ${status}: ${stderr}`);
  return took;
}

function summary(times: readonly number[]): { medianMs: number; fastestMs: number } {
  const sorted = [...times].sort((a, b) => a - b);
  return { medianMs: sorted[sorted.length >> 1] ?? Number.NaN, fastestMs: sorted[0] ?? Number.NaN };
}

async function untilHealthy(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      if ((await fetch(`http://127.0.0.1:${port}/healthz`)).ok) return;
    } catch {
      // Not listening yet.
    }
    await delay(50);
  }
  throw new Error('the server did not become healthy within 10 s');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

if (import.meta.main) {
  for (const { what, medianMs, fastestMs, targetMs } of await measureStartTimes()) {
    const target = targetMs === undefined ? '' : `  target ${targetMs} ms`;
    console.log(`${what.padEnd(24)} median ${medianMs.toFixed(0)} ms, fastest ${fastestMs.toFixed(0)} ms${target}`);
  }
}
