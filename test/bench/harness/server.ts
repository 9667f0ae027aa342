import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import type { Burst, Filled, Question, ServerMemory, ServerUsage } from '../peers/burst-server.ts';

/** Something that sends numbered messages to all its clients, in a process of its own. */
export interface Server extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** Milliseconds of processor it has used. */
  cpuMs(): Promise<number>;
  burst(burst: Burst): void;
}

export interface NodeServer extends Server {
  /** These clients are the members; a server that knows no groups sends to all. */
  join(ids: readonly string[]): Promise<void>;
  /** Resolves when it knows so many servers, itself among them. */
  meet(servers: number): Promise<void>;
  /** Until `bytes` wait for each of these clients. */
  fill(ids: readonly string[], bytes: number): Promise<Filled>;
  memory(): Promise<ServerMemory>;
  /** What it does until the end of `work`. */
  profile(work: () => Promise<unknown>): Promise<Profiler.Profile>;
}

export interface NodeServerOptions {
  readonly name: string;
  /** In the folder `peers`. */
  readonly file: string;
  readonly args?: readonly string[];
  /** Flags of Node. */
  readonly execArgv?: readonly string[];
  /** In front of the command. */
  readonly command: readonly string[];
}

/** Rejects where it ends before it listens. */
export async function startNodeServer(options: NodeServerOptions): Promise<NodeServer> {
  const { name, file, args = [], execArgv = [], command } = options;
  const [program = process.execPath, ...rest] = command;
  const child = fork(join(import.meta.dirname, '../peers', file), args, {
    execPath: program,
    execArgv: command.length > 0 ? [...rest, process.execPath, ...execArgv] : [...execArgv],
  });
  const { port } = (await answerOf(name, child)) as { port: number };
  const ask = (question: Question) => {
    child.send(question);
    return answerOf(name, child);
  };
  return {
    name,
    port,
    cpuMs: async () => ((await ask({ ask: 'usage' })) as ServerUsage).cpuMs,
    burst: (burst) => void child.send({ ask: 'burst', ...burst } satisfies Question),
    join: async (ids) => void (await ask({ ask: 'join', ids })),
    meet: async (servers) => void (await ask({ ask: 'meet', servers })),
    fill: async (ids, bytes) => (await ask({ ask: 'fill', ids, bytes })) as Filled,
    memory: async () => (await ask({ ask: 'memory' })) as ServerMemory,
    async profile(work) {
      await ask({ ask: 'startProfile' });
      await work();
      return (await ask({ ask: 'stopProfile' })) as Profiler.Profile;
    },
    [Symbol.asyncDispose]: () => endOf(child),
  };
}

async function answerOf(name: string, child: ChildProcess): Promise<unknown> {
  const given = new AbortController();
  const ended = once(child, 'exit', given).then(([code, signal]) => {
    throw new Error(`${name} ended (${code ?? signal})`);
  });
  try {
    const [said] = await Promise.race([once(child, 'message', given), ended as Promise<never>]);
    return said;
  } finally {
    ended.catch(() => {});
    given.abort();
  }
}

export async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await gone;
  clearTimeout(timer);
}
