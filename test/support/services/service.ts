import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { findOnPath } from '../tool.ts';
import type { Scope } from './scope.ts';

const PATIENCE_MS = 60_000;
const LINES_KEPT = 40;

export interface StartOptions {
  /** Whether it finds again what it had written to its disk. Default true. */
  readonly keepData?: boolean;
}

/** One process of a server that belongs to a test. */
export interface Process {
  /** As it runs now. */
  pid(): number;
  /** Signals reach it at once: SIGSTOP is a machine that hangs. */
  kill(signal: NodeJS.Signals): void;
  /** `kill -9`; resolves when it has gone. */
  stop(): Promise<void>;
  /** Starts it again on the same ports; resolves when it answers. */
  start(options?: StartOptions): Promise<void>;
  /** Resolves with the signal or exit code once what runs now has ended, whoever ended it. */
  whenGone(): Promise<NodeJS.Signals | number>;
}

/** A server of the test's own on 127.0.0.1. It has gone, with all it wrote, when the scope ends. */
export interface Service extends Process {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** How a process is started. */
export interface Plan {
  /** As people call it; in messages. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** What it writes; goes with the scope, and at a start without its data. */
  readonly data: string;
  /** Before each start; the data folder may be missing. */
  prepare?(): Promise<void>;
  /** A line it writes to its output when it answers, or a question asked until it is true. */
  readonly ready: RegExp | (() => Promise<boolean>);
}

/** Starts it and resolves when it is ready; rejects with its last lines where it ends instead. */
export async function startProcess(scope: Scope, plan: Plan): Promise<Process> {
  let child: ChildProcess | undefined;
  let gone = Promise.resolve<NodeJS.Signals | number>(0);
  let hasEnded = false;
  const stop = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await gone;
  };
  const start = async ({ keepData = true }: StartOptions = {}): Promise<void> => {
    if (child !== undefined) await stop();
    if (!keepData) await rm(plan.data, { recursive: true, force: true });
    await plan.prepare?.();
    const started = await launch(plan);
    child = started;
    gone = once(started, 'exit').then(([code, signal]) => signal ?? code);
    gone.catch(() => {});
    if (hasEnded) await stop();
    await whenReady(started, plan);
  };
  scope.after(async () => {
    hasEnded = true;
    await stop();
    await rm(plan.data, { recursive: true, force: true, maxRetries: 5 });
  });
  await start();
  return { pid: () => child?.pid ?? 0, kill: (signal) => void child?.kill(signal), stop, start, whenGone: () => gone };
}

/** Where the system can, it dies with this process, however that dies. */
async function launch({ program, args, env, cwd }: Plan): Promise<ChildProcess> {
  const setpriv = await findOnPath('setpriv');
  const [file, all] = setpriv === undefined ? [program, args] : [setpriv, ['--pdeathsig', 'KILL', program, ...args]];
  return spawn(file, all, { stdio: ['ignore', 'pipe', 'pipe'], ...(env && { env }), ...(cwd && { cwd }) });
}

async function whenReady(child: ChildProcess, { name, ready }: Plan): Promise<void> {
  const said: string[] = [];
  const { promise: isReady, resolve } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (said.push(line) > LINES_KEPT) said.shift();
      if (ready instanceof RegExp && ready.test(line)) resolve();
    });
  }
  const over = new AbortController();
  const ended = once(child, 'exit', { signal: over.signal }).then(([code, signal]) => {
    throw new Error(`${name} ended (${signal ?? code}):\n${said.join('\n')}`);
  });
  const late = delay(PATIENCE_MS, undefined, { signal: over.signal }).then(() => {
    child.kill('SIGKILL');
    throw new Error(`${name} is not ready after ${PATIENCE_MS / 1000} s:\n${said.join('\n')}`);
  });
  const asked = ready instanceof RegExp ? isReady : askUntilTrue(ready, over.signal);
  try {
    await Promise.race([asked, ended, late]);
  } finally {
    over.abort();
    await Promise.allSettled([ended, late, ready instanceof RegExp ? undefined : asked]);
  }
}

async function askUntilTrue(ask: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await ask())) await delay(10);
}
