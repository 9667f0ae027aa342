import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { settings as schema } from '../../src/config/schema.ts';
import { ensureBinary } from '../support/binary.ts';
import { eventually } from '../support/eventually.ts';
import { requireTool } from '../support/tool.ts';
import { adjusted, shipped, unitSettings, variables } from '../support/unit-file.ts';
import { createYunque, type Yunque } from './cli-binary.ts';

const run = promisify(execFile);
const unitText = shipped('configs/systemd/yunque.service');
const unit = unitSettings(unitText);
const only = (key: string): string => {
  const values = unit.get(key) ?? [];
  assert.equal(values.length, 1, key);
  return values[0] as string;
};

/** Everything the unit gives to its process, but for the paths, which are the test's. */
async function serviceEnvironment(home: string) {
  const state = join(home, 'state', only('StateDirectory'));
  const runtime = join(home, 'runtime', only('RuntimeDirectory'));
  for (const directory of [state, runtime]) {
    await mkdir(join(directory, '..'), { recursive: true });
    await mkdir(directory, { mode: 0o700 });
  }
  return { ...variables(unit.get('Environment') ?? []), STATE_DIRECTORY: state, RUNTIME_DIRECTORY: runtime };
}

/** What systemd would hear. */
async function listenAsSystemd(t: TestContext, home: string) {
  const socket = join(home, 'notify.sock');
  const python = await requireTool('python3', 'python3');
  const child = spawn(python, [join(import.meta.dirname, '../support/notify-receiver.py'), socket], { stdio: 'pipe' });
  t.after(() => child.kill('SIGKILL'));
  let heard = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    heard += chunk;
  });
  const hears = (text: string) => eventually(`systemd hears ${text}`, () => heard.includes(text));
  await hears('listening');
  return { socket, hears, heard: () => heard };
}

describe('the systemd unit', { timeout: 120_000 }, () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yunque-unit-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** The unit with the binary and the configuration where they are here. */
  async function installed(): Promise<string> {
    const file = join(folder, 'yunque.service');
    const binary = await ensureBinary();
    const programs = ['ExecStart', 'ExecReload'].map((key) => [`${key}=/usr/local/bin/yunque`, `${key}=${binary}`]);
    await writeFile(file, adjusted(unitText, Object.fromEntries(programs)));
    return file;
  }

  it('is found right by systemd-analyze verify', async () => {
    const analyze = await requireTool('systemd-analyze', 'systemd');
    const { stdout, stderr } = await run(analyze, ['verify', '--man=no', await installed()]);
    assert.equal(stdout + stderr, '');
  });

  it('exposes little, as systemd-analyze security counts', async () => {
    const analyze = await requireTool('systemd-analyze', 'systemd');
    // Exits with 1 above the threshold, which is in tenths.
    await run(analyze, ['security', '--offline=true', '--no-pager', '--threshold=25', await installed()]);
  });

  it('gives the drain the time it may take, and starts no node again that has nothing to gain', () => {
    const hardLimitS = Number(/^(\d+)s$/.exec(schema['drain.hardLimit'].default)?.[1]);
    assert.ok(Number(only('TimeoutStopSec')) > hardLimitS);
    assert.equal(only('RestartPreventExitStatus'), '2 78');
    assert.equal(only('Type'), 'notify');
    assert.equal(only('NotifyAccess'), 'all');
  });

  it('starts the node with a command line and a configuration that are right', async (t) => {
    const { run: yunque } = await createYunque(t);
    const [program, command, ...flags] = only('ExecStart').split(' ');
    assert.deepEqual([program, command, flags[0]], ['/usr/local/bin/yunque', 'serve', '--config']);
    const file = join(folder, 'config.yaml');
    const made = await yunque(['config', 'init', file]);
    assert.equal(made.code, 0, made.err);
    const env = variables(unit.get('Environment') ?? []);
    const shown = await yunque(['config', 'show', '--config', file, '--json'], { env });
    assert.equal(shown.code, 0, shown.err);
    assert.match(shown.out, /trustLoopback"?[^}]*false/);
  });

  it('allows every system call that a node makes from start to stop', async (t) => {
    const analyze = await requireTool('systemd-analyze', 'systemd');
    const strace = await requireTool('strace', 'strace');
    const allowed = await systemCalls(analyze, only('SystemCallFilter').split(' '));
    const { home, run: yunque } = await createYunque(t);
    const trace = join(home, 'trace');
    const env = await serviceEnvironment(home);
    const { PATH = '' } = process.env;
    const args = ['-f', '-qq', '-e', 'signal=none', '-o', trace, await ensureBinary(), 'serve', '0'];
    const child = spawn(strace, args, { env: { PATH, HOME: home, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const { promise: serving, resolve } = Promise.withResolvers<void>();
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
      if (out.includes('"msg":"serving"')) resolve();
    });
    await Promise.race([serving, ended]);
    const sent = await yunque(['send', '--all', 'hello'], { env });
    assert.equal(sent.code, 3, sent.err);
    process.kill(Number(await readFile(join(env.STATE_DIRECTORY, 'pid'), 'utf8')), 'SIGTERM');
    assert.equal(await ended, 0, out);
    const made = new Set([...(await readFile(trace, 'utf8')).matchAll(/^\d+ +(\w+)\(/gm)].map(([, name]) => name));
    assert.ok(made.size > 30, [...made].join(' '));
    const refused = [...made].filter((name) => name !== undefined && !allowed.has(name));
    assert.deepEqual(refused, []);
  });
});

describe('a node as the unit runs it', { timeout: 120_000 }, () => {
  it('tells systemd when it is ready and when it drains, keeps its data in the state directory, its socket in the other', async (t) => {
    await requireTool('systemd-notify', 'systemd');
    const yunque = await createYunque(t);
    const env = await serviceEnvironment(yunque.home);
    const systemd = await listenAsSystemd(t, yunque.home);
    const node = yunque.start(['serve', '0'], { env: { ...env, NOTIFY_SOCKET: systemd.socket } });
    await systemd.hears('READY=1|STATUS=serving on port ');
    const port = /"port":(\d+)/.exec(node.out())?.[1];
    assert.ok(existsSync(join(env.STATE_DIRECTORY, 'lock')));
    assert.equal((await stat(join(env.RUNTIME_DIRECTORY, `${port}.sock`))).mode & 0o777, 0o600);
    assert.equal((await yunque.run(['stats'], { env })).code, 0);

    const client = yunque.start(['connect', `ws://127.0.0.1:${port}/ws`]);
    await client.says('clientId');
    node.process.kill('SIGTERM');
    await systemd.hears('STOPPING=1|STATUS=draining');
    assert.match((await client.done).err, /closed 4001/);
    assert.equal((await node.done).code, 0);
    assert.doesNotMatch(systemd.heard(), /STOPPING=1.*READY=1/s);
    assert.doesNotMatch(node.out(), /systemd was not told/);
  });

  it('goes on, with a warning, where systemd cannot be told', async (t) => {
    const yunque = await createYunque(t);
    const env = { ...(await serviceEnvironment(yunque.home)), NOTIFY_SOCKET: join(yunque.home, 'nobody') };
    const node = await yunque.serve([], { env });
    await node.says(/"level":40.*systemd was not told READY=1/);
    assert.equal((await yunque.run(['stats'], { env })).code, 0);
    node.process.kill('SIGTERM');
    assert.equal((await node.done).code, 0);
  });

  it('trusts nothing that comes over loopback, but the operator’s socket and key', async (t) => {
    const yunque = await createYunque(t);
    const env = await serviceEnvironment(yunque.home);
    const { port } = await yunque.serve([], { env });
    const socket = join(env.RUNTIME_DIRECTORY, `${port}.sock`);
    assert.equal(await push(port), 403);
    assert.equal(await push(port, { Authorization: `Bearer ${await keyOf(env.RUNTIME_DIRECTORY, port)}` }), 200);
    const curl = await requireTool('curl', 'curl');
    const body = '{"receiver":"alice","action":"chat"}';
    const bySocket = ['-s', '--unix-socket', socket, '-w', '%{http_code}', '-o', '/dev/null', '-d', body];
    assert.equal((await run(curl, [...bySocket, 'http://localhost/send'])).stdout, '200');
  });

  it('listens below 1024 with the one capability it has, as a user that is not root', {
    skip: notRoot(),
  }, async (t) => {
    const setpriv = await requireTool('setpriv', 'util-linux');
    const yunque: Yunque = await createYunque(t);
    const env = await serviceEnvironment(yunque.home);
    // Nobody else may look into a home that mkdtemp made.
    await chmod(yunque.home, 0o755);
    for (const directory of [env.STATE_DIRECTORY, env.RUNTIME_DIRECTORY]) await chown(directory, 10001, 10001);
    const capability = only('AmbientCapabilities').toLowerCase().replace('cap_', '+');
    assert.equal(only('CapabilityBoundingSet'), only('AmbientCapabilities'));
    const ids = ['--reuid=10001', '--regid=10001', '--clear-groups', '--no-new-privs'];
    const caps = ['inh-caps', 'ambient-caps', 'bounding-set'].map((set) => `--${set}=-all,${capability}`);
    const { PATH = '' } = process.env;
    const port = await freeLowPort();
    const args = [...ids, ...caps, await ensureBinary(), 'serve', String(port), '--host', '127.0.0.1'];
    const child = spawn(setpriv, args, { env: { PATH, HOME: '/nonexistent', ...env }, cwd: env.STATE_DIRECTORY });
    t.after(() => child.kill('SIGKILL'));
    let out = '';
    const { promise: serving, resolve, reject } = Promise.withResolvers<void>();
    child.once('close', () => reject(new Error(out)));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        out += chunk;
        if (out.includes('"msg":"serving"')) resolve();
      });
    }
    await serving;
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
    const closed = new Promise((done) => child.once('close', done));
    child.kill('SIGTERM');
    assert.equal(await closed, 0, out);
  });
});

function notRoot(): string | false {
  return process.getuid?.() === 0 ? false : 'only root can become another user';
}

async function push(port: number, headers: Record<string, string> = {}): Promise<number> {
  const body = '{"receiver":"alice","action":"chat"}';
  return (await fetch(`http://127.0.0.1:${port}/send`, { method: 'POST', headers, body })).status;
}

async function keyOf(directory: string, port: number): Promise<string> {
  return (await readFile(join(directory, `${port}.key`), 'utf8')).trim();
}

/** Below 1024, above the well-known ones; free a moment ago, and fetch may ask it. */
async function freeLowPort(): Promise<number> {
  for (let port = 850; port < 900; port += 1) {
    const isTaken = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (!isTaken) return port;
  }
  throw new Error('no free port below 1024');
}

/** The system calls of names and groups such as @system-service. */
async function systemCalls(analyze: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  const calls = new Set<string>();
  for (const name of names) {
    if (!name.startsWith('@')) {
      calls.add(name);
      continue;
    }
    const { stdout } = await run(analyze, ['syscall-filter', '--no-pager', name]);
    const members = stdout
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
    const inner = members.filter((member) => member !== '' && !member.startsWith('#'));
    for (const call of await systemCalls(analyze, inner)) calls.add(call);
  }
  return calls;
}
