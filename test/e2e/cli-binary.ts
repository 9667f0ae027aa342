import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ensureBinary } from '../support/binary.ts';

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly done: Promise<Finished>;
  out(): string;
  err(): string;
  /** Resolves as soon as the text is on standard output or error; rejects where the program ends before. */
  says(text: string | RegExp): Promise<void>;
}

export interface StartOptions extends Pick<SpawnOptions, 'uid' | 'gid' | 'cwd'> {
  /** Standard input to its end; absent: it is closed from the start. */
  readonly stdin?: string | 'open';
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of the binary: a program, with the words that come before ours. */
  readonly program?: readonly [string, ...string[]];
}

/** The built binary with a home and a runtime folder of its own; everything it started ends with the test. */
export interface Yunque {
  readonly home: string;
  start(args: readonly string[], options?: StartOptions): Started;
  run(args: readonly string[], options?: StartOptions): Promise<Finished>;
  /** A node on a free port, once it serves. */
  serve(args?: readonly string[], options?: StartOptions): Promise<Started & { readonly port: number }>;
}

export async function createYunque(t: TestContext): Promise<Yunque> {
  const file = await ensureBinary();
  const home = await mkdtemp(join(tmpdir(), 'yunque-cli-'));
  const runtime = join(home, 'run');
  await mkdir(runtime, { mode: 0o700 });
  const started: Started[] = [];
  t.after(async () => {
    for (const { process } of started) process.kill('SIGKILL');
    await Promise.all(started.map(({ done }) => done));
    await rm(home, { recursive: true, force: true });
  });
  const yunque: Yunque = {
    home,
    start(args, options = {}) {
      const env = {
        PATH: process.env['PATH'],
        HOME: home,
        XDG_RUNTIME_DIR: runtime,
        LANG: 'C',
        YUNQUE_DRAIN_GRACE: '0s',
        ...options.env,
      };
      const { uid, gid } = options;
      const ids = { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
      const [program, ...before] = options.program ?? [file];
      const one = follow(
        spawn(program, [...before, ...args], { cwd: options.cwd ?? home, env, stdio: 'pipe', ...ids }),
      );
      if (options.stdin !== 'open') one.process.stdin?.end(options.stdin);
      started.push(one);
      return one;
    },
    run: (args, options) => yunque.start(args, options).done,
    async serve(args = [], options = {}) {
      const node = yunque.start(['serve', '0', '--host', '127.0.0.1', ...args], options);
      await node.says('"msg":"serving"');
      return { ...node, port: Number(/"port":(\d+)/.exec(node.out())?.[1]) };
    },
  };
  return yunque;
}

function follow(child: ChildProcess): Started {
  let out = '';
  let err = '';
  const listeners = new Set<() => void>();
  const onChunk = () => {
    for (const listener of listeners) listener();
  };
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
    onChunk();
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk;
    onChunk();
  });
  child.stdin?.on('error', () => {
    // A program may end without having read it.
  });
  const done = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  const says = (text: string | RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        const isThere = typeof text === 'string' ? (out + err).includes(text) : text.test(out) || text.test(err);
        if (!isThere) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      void done.then(({ code }) => reject(new Error(`ended with ${code} before it said ${text}:\n${out}${err}`)));
    });
  return { process: child, done, says, out: () => out, err: () => err };
}
