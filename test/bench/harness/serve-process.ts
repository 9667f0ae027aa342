import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type AdminClient, createAdminClient } from '../../../src/client/admin-client.ts';
import { childrenOf, treeCpuMs } from './process-tree.ts';
import { endOf, type NodeServer, type Server } from './server.ts';
import { profileByFile, profileEnv } from './signalled-profile.ts';

const main = join(import.meta.dirname, '../../../src/main.ts');
const adminPatienceMs = 8000;
const always = ['heartbeat.json.pingInterval=1h', 'groups.notices=false'];

/** Its profile is that of one worker, or of the only process. */
export interface ServeProcess extends Omit<Server, 'burst'>, Pick<NodeServer, 'profile'> {
  readonly admin: AdminClient;
  readonly pid: number;
  /** Where commands that name the port find it: their XDG_RUNTIME_DIR. */
  readonly runtimeFolder: string;
}

export interface ServeOptions {
  readonly flags?: readonly string[];
  /** As `--set` takes them. */
  readonly settings?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** In front of the command. */
  readonly command?: readonly string[];
}

/** `yunque serve` as an operator starts it, with all processes that belong to it. Rejects where it does not serve. */
export async function startServe(
  name: string,
  { flags = [], settings = [], env: further = {}, command = [] }: ServeOptions,
): Promise<ServeProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-bench-serve-'));
  const set = [...always, ...settings].flatMap((setting) => ['--set', setting]);
  const args = ['serve', '0', '--host', '127.0.0.1', '--data-dir', join(folder, 'data'), ...set, ...flags];
  const profiles = join(folder, 'profile');
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    LANG: 'C',
    ...further,
    ...profileEnv(profiles),
  };
  const [program = process.execPath, ...rest] = [...command, process.execPath, main, ...args];
  const child = spawn(program, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
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
    pid: child.pid ?? 0,
    runtimeFolder: folder,
    admin: createAdminClient({ socketPath: join(folder, 'yunque', `${serving}.sock`), timeoutMs: adminPatienceMs }),
    cpuMs: () => treeCpuMs(child.pid ?? 0),
    async profile(work) {
      const pid = child.pid ?? 0;
      const [worker = pid] = await childrenOf(pid);
      return profileByFile(profiles, worker, work);
    },
    async [Symbol.asyncDispose]() {
      await endOf(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
