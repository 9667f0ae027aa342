import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureBinary } from '../../support/binary.ts';
import { absolute, side } from '../harness/measured.ts';
import { type Row, scaled } from '../harness/row.ts';

const runs = 21;

export const row: Row = {
  id: 'P18',
  scenario: 'the binary from start to end, as a shell sees it',
  targets: [
    { figure: 'send', what: '`yunque send`, wall time', limit: '≤ 150 ms' },
    { figure: 'version', what: '`yunque --version`, wall time', limit: '≤ 80 ms' },
  ],
  async run(bench) {
    bench.progress('building the binary where it is missing or old');
    const binary = await ensureBinary();
    // A shell pins nothing, and the one core of the load is the poorer for this process.
    bench.pinning.releaseLoad();
    try {
      const times = await measureStartTimes(binary, scaled(bench, runs), (text) => bench.progress(text));
      return {
        figures: {
          send: absolute(side('yunque send', 'ms', times.send)),
          version: absolute(side('yunque --version', 'ms', times.version)),
          'an empty program of Node, for comparison': absolute(side('node -e 0', 'ms', times.floor)),
        },
      };
    } finally {
      bench.pinning.pinLoad();
    }
  },
};

/** Wall times of whole processes in milliseconds, interleaved so that a noisy moment meets all of them. */
async function measureStartTimes(binary: string, count: number, progress: (text: string) => void) {
  const home = await mkdtemp(join(tmpdir(), 'yunque-start-time-'));
  const port = await freePort();
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, YUNQUE_DATA_DIR: join(home, 'data') };
  const server = spawn(binary, ['serve', `${port}`, '--host', '127.0.0.1'], { env, stdio: 'ignore' });
  const times = { floor: [] as number[], version: [] as number[], send: [] as number[] };
  try {
    await untilHealthy(port);
    const send = [binary, 'send', '--server', `http://127.0.0.1:${port}`, '--all', '--allow-offline', 'x'];
    for (let run = 0; run < count; run++) {
      progress(`start ${run + 1} of ${count}`);
      times.floor.push(wallTimeMs([process.execPath, '-e', '0'], env));
      times.version.push(wallTimeMs([binary, '--version'], env));
      times.send.push(wallTimeMs(send, env));
    }
    return times;
  } finally {
    server.kill();
    await rm(home, { recursive: true, force: true });
  }
}

function wallTimeMs([file = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): number {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(file, args, { env, encoding: 'utf8' });
  const took = performance.now() - startedAt;
  if (status !== 0) throw new Error(`${[file, ...args].join(' ')} ended with ${status}: ${stderr}`);
  return took;
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
