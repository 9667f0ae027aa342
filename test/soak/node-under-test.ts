import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdminClient } from '../../src/client/admin-client.ts';
import type { Held } from './verdict.ts';

const root = join(import.meta.dirname, '../..');

export interface NodeUnderTest extends AsyncDisposable {
  readonly port: number;
  readonly admin: ReturnType<typeof createAdminClient>;
  /** After so many garbage collections; by default as few as do. */
  measure(rounds?: number): Promise<Held>;
  /** SIGTERM; its exit code. */
  stop(): Promise<number | null>;
  /** Lines of its log that are errors. */
  readonly errors: readonly string[];
}

/** The program from source in a process of its own, as `yunque serve` runs it but for the hook that measures. */
export async function startNodeUnderTest(settings: readonly string[]): Promise<NodeUnderTest> {
  const home = await mkdtemp(join(tmpdir(), 'yunque-soak-'));
  const words = ['serve', '0', '--host', '127.0.0.1', '--data-dir', join(home, 'data')];
  const child = fork(join(root, 'src/main.ts'), [...words, ...settings.flatMap((setting) => ['--set', setting])], {
    execArgv: ['--expose-gc', '--import', join(import.meta.dirname, 'node-hook.ts')],
    env: { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: home, LANG: 'C' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const errors: string[] = [];
  readLines(child, (line) => /"level":[56]0/.test(line) && errors.push(line));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const died = ended.then((code): never => {
    throw new Error(`the node ended with ${code}: ${errors.at(-1) ?? 'no error in its log'}`);
  });
  died.catch(() => {});
  const { port } = await Promise.race([heard<{ port: number }>(child, 'serving'), died]);
  const admin = createAdminClient({ socketPath: join(home, 'yunque', `${port}.sock`), timeoutMs: 60_000 });
  return {
    port,
    admin,
    errors,
    measure(rounds) {
      const answer = heard<Held>(child, 'held');
      child.send({ do: 'measure', rounds });
      return Promise.race([answer, died]);
    },
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
    [Symbol.asyncDispose]: async () => {
      admin.close();
      child.kill('SIGKILL');
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

function heard<T>(child: ChildProcess, what: string): Promise<T> {
  return new Promise((resolve) => {
    child.on('message', function hear(message: Readonly<Record<string, unknown>>) {
      if (!(what in message)) return;
      child.off('message', hear);
      resolve(message[what] as T);
    });
  });
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
}
