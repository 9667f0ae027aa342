import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endOf, type Server } from './server.ts';

const source = join(import.meta.dirname, '../peers/one-write.c');

/** The C compiler of this machine: `CC`, or the first of the usual names that answers. */
export function findCompiler(): string | undefined {
  const named = process.env['CC'];
  return [...(named ? [named] : []), 'cc', 'gcc', 'clang'].find((name) => spawnSync(name, ['--version']).status === 0);
}

export interface OneWriteOptions {
  readonly clients: number;
  /** Of a frame of the server it is compared with: the same bytes. */
  readonly payloadBytes: number;
  readonly magic: string;
  readonly command: readonly string[];
}

/** Compiles the program into a folder that goes with it, and starts it. Throws where there is no compiler. */
export async function startOneWrite(options: OneWriteOptions): Promise<Server> {
  const { clients, payloadBytes, magic, command } = options;
  const compiler = findCompiler();
  if (compiler === undefined) throw new Error('there is no C compiler (cc, gcc, clang): install one, or set CC');
  const folder = await mkdtemp(join(tmpdir(), 'yunque-one-write-'));
  const binary = join(folder, 'one-write');
  const { status, stderr } = spawnSync(compiler, ['-O2', '-o', binary, source], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${compiler} could not compile ${source}: ${stderr}`);
  const [program = binary, ...rest] = [...command, binary, `${clients}`, `${payloadBytes}`, magic];
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const nextLine = async () => ((await once(lines, 'line', { signal: AbortSignal.timeout(60_000) })) as [string])[0];
  const port = Number((await nextLine()).replace('port ', ''));
  return {
    name: 'C, one write()',
    port,
    async cpuMs() {
      child.stdin.write('usage\n');
      return Number(await nextLine()) / 1000;
    },
    burst: ({ first, count, timeMicros }) => void child.stdin.write(`burst ${first} ${count} ${timeMicros}\n`),
    async [Symbol.asyncDispose]() {
      await endOf(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
