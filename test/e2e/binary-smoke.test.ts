import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureBinary } from '../support/binary.ts';

const PATIENCE_MS = 20_000;

test('one binary serves, connects, sends, tells its numbers and stops', { timeout: 90_000 }, async (t) => {
  const yunque = await createYunque(t);
  const port = await freePort();
  const local = ['--server', `http://127.0.0.1:${port}`];

  assert.match((await yunque.run('--version')).stdout, /\d+\.\d+\.\d+/);
  assert.match((await yunque.run('--help')).stdout, /serve/);

  const server = yunque.start('serve', `${port}`, '--host', '127.0.0.1');
  await until('the server answers /healthz', server, () => isHealthy(port));

  const client = yunque.start('connect', ...local, '--expect', 'smoke-hello');
  const sent = await until('a message reaches the client', server, async () => {
    const result = await yunque.run('send', ...local, '--all', 'smoke-hello', '--json');
    return result.code === 3 ? undefined : result;
  });
  assert.equal(sent.code, 0, sent.stderr);
  assert.equal(await exitCode(client), 0, client.output());
  assert.match(client.output(), /smoke-hello/);

  const stats = await yunque.run('stats', ...local, '--json');
  assert.equal(stats.code, 0, stats.stderr);
  assert.ok('schema' in JSON.parse(stats.stdout), stats.stdout);

  server.process.kill('SIGTERM');
  assert.equal(await exitCode(server), 0, server.output());
});

interface Started {
  readonly process: ChildProcess;
  /** Everything printed so far, on both streams. */
  output(): string;
}

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The binary with a home of its own. `YUNQUE_COMMAND` names another way to start it, such as `chroot /tree /yunque`;
 * the home then lies inside that tree.
 */
async function createYunque(t: TestContext) {
  const [file = '', ...first] = (process.env['YUNQUE_COMMAND'] ?? (await ensureBinary())).split(' ');
  const home = await mkdtemp(join(tmpdir(), 'yunque-smoke-'));
  // The client finds the operator's key where the server put it, because both are told the same data directory.
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, YUNQUE_DATA_DIR: join(home, 'data') };
  const children: ChildProcess[] = [];
  t.after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(home, { recursive: true, force: true });
  });
  return {
    start(...args: string[]): Started {
      const child = spawn(file, [...first, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      children.push(child);
      let text = '';
      child.stdout.on('data', (chunk) => (text += chunk));
      child.stderr.on('data', (chunk) => (text += chunk));
      return { process: child, output: () => text };
    },
    run(...args: string[]): Promise<Finished> {
      return new Promise((resolve) => {
        execFile(file, [...first, ...args], { env, timeout: PATIENCE_MS }, (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
        });
      });
    },
  };
}

async function exitCode({ process: child }: Started): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    await once(child, 'exit', { signal: AbortSignal.timeout(PATIENCE_MS) });
  }
  return child.exitCode;
}

/** Asks again until there is an answer; fails early where the server is gone. */
async function until<T>(what: string, server: Started, ask: () => Promise<T | undefined>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (performance.now() < giveUpAt) {
    assert.equal(server.process.exitCode, null, `the server ended before ${what}:\n${server.output()}`);
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(50);
  }
  assert.fail(`${what}: not within ${PATIENCE_MS} ms. The server said:\n${server.output()}`);
}

async function isHealthy(port: number): Promise<true | undefined> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).status === 200 ? true : undefined;
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
