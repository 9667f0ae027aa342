import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { requireTool } from './tool.ts';

/** A redis-server of the test's own: a free port, a folder of its own, nothing kept. */
export interface TestRedis {
  readonly port: number;
  readonly url: string;
  /** Signals reach it at once: SIGSTOP is a machine that hangs. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it; resolves when it has gone. */
  stop(): Promise<void>;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
}

/** `args`: further lines of its configuration, such as `--requirepass x`. */
export async function startRedis(t: TestContext, args: readonly string[] = []): Promise<TestRedis> {
  const program = await requireTool('redis-server', 'redis-server');
  const directory = await mkdtemp(join(tmpdir(), 'yunque-redis-'));
  const port = await freePort();
  let child: ChildProcess | undefined;

  const stop = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGCONT');
    running.kill('SIGKILL');
    await gone;
  };
  const start = async (): Promise<void> => {
    const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no'];
    const started = spawn(program, [...own, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    child = started;
    const said: string[] = [];
    for await (const line of createInterface({ input: started.stdout })) {
      said.push(line);
      if (/ready to accept connections/i.test(line)) {
        started.stdout.resume();
        return;
      }
    }
    throw new Error(`redis-server ended:\n${said.join('\n')}`);
  };

  t.after(async () => {
    await stop();
    await rm(directory, { recursive: true, force: true });
  });
  await start();
  return { port, url: `redis://127.0.0.1:${port}`, kill: (signal) => child?.kill(signal), stop, start };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
