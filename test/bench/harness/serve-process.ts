import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { treeCpuMs } from './process-tree.ts';
import { endOf, type Server } from './server.ts';

const main = join(import.meta.dirname, '../../../src/main.ts');
const settings = ['heartbeat.json.pingInterval=1h', 'groups.notices=false'];

/** `yunque serve` as an operator starts it, with all processes that belong to it. Rejects where it does not serve. */
export async function startServe(name: string, flags: readonly string[]): Promise<Omit<Server, 'burst'>> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-bench-serve-'));
  const set = settings.flatMap((setting) => ['--set', setting]);
  const args = ['serve', '0', '--host', '127.0.0.1', '--data-dir', join(folder, 'data'), ...set, ...flags];
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: folder, LANG: 'C' };
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  const port = Promise.withResolvers<number>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      said.push(line);
      if (line.includes('"msg":"serving"')) port.resolve(Number(/"port":(\d+)/.exec(line)?.[1]));
    });
  }
  child.on('exit', () => port.reject(new Error(`${name} ended: ${said.slice(-5).join(' | ')}`)));
  const serving = await port.promise.catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    name,
    port: serving,
    cpuMs: () => treeCpuMs(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      await endOf(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
