import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { neededLibraries, parseElf } from '../../src/build/elf.ts';
import { prepareRuntime } from '../../src/build/runtime.ts';
import { chooseTargets, targets } from '../../src/build/targets.ts';
import { version } from '../../src/util/version.ts';
import { ensureTargetBinaries } from '../support/binary.ts';
import { requireFile, requireTool } from '../support/tool.ts';

const run = promisify(execFile);
const buildScript = join(import.meta.dirname, '../../build.sh');
// The one function that used to come from libatomic serves fields of shared structs.
const compareAndExchange = `
  const Shared = new SharedStructType(['x']);
  const shared = new Shared();
  shared.x = 1;
  const swapped = Atomics.compareExchange(shared, 'x', 1, 2);
  const refused = Atomics.compareExchange(shared, 'x', 1, 3);
  console.log(swapped, refused, shared.x);
`;
const names = ['linux-x64', 'linux-arm64', 'macos-x64', 'macos-arm64', 'win-x64'];

describe('build.sh all', () => {
  let folder: string;
  before(
    async () => {
      folder = await ensureTargetBinaries();
    },
    { timeout: 200_000 },
  );

  test('leaves a file for each of the five targets, and checksums that sha256sum confirms', async () => {
    const wanted = names.map((name) => `yunque-${name}${name.startsWith('win') ? '.exe' : ''}`);
    const present = await readdir(folder);
    assert.deepEqual(
      wanted.filter((name) => !present.includes(name)),
      [],
    );
    const { stdout } = await run(await requireTool('sha256sum', 'coreutils'), ['-c', '--strict', 'SHA256SUMS'], {
      cwd: folder,
    });
    assert.deepEqual(
      stdout.trim().split('\n'),
      wanted.map((name) => `${name}: OK`),
    );
  });

  test('leaves no work files behind', async () => {
    const cached = await readdir(join(folder, 'cache'));
    assert.deepEqual(
      cached.filter((name) => name.startsWith('work-')),
      [],
    );
  });

  describe('for Linux on arm64', () => {
    let command: readonly string[];
    before(
      async () => {
        command = [...(await arm64Runner()), join(folder, 'yunque-linux-arm64')];
      },
      { timeout: 300_000 },
    );

    test('makes a file that needs no libatomic', async () => {
      const elf = parseElf(await readFile(join(folder, 'yunque-linux-arm64')));
      assert.equal(elf.machine, 183);
      const needed = neededLibraries(elf);
      assert.ok(needed.includes('libc.so.6') && !needed.includes('libatomic.so.1'), `${needed}`);
    });

    test('takes a Node whose own compare-and-exchange works', { timeout: 60_000 }, async (t) => {
      const target = targets.find(({ name }) => name === 'linux-arm64');
      assert.ok(target);
      const work = await mkdtemp(join(tmpdir(), 'yunque-arm64-'));
      t.after(() => rm(work, { recursive: true, force: true }));
      const destination = join(work, 'node');
      const cache = join(folder, 'cache/runtimes');
      const nodeVersion = process.versions.node;
      await prepareRuntime({ target, root: join(folder, '..'), nodeVersion, cache, destination });
      const [file = '', ...args] = [...command.slice(0, -1), destination, '--harmony-struct', '-e', compareAndExchange];
      const { stdout, stderr } = await run(file, args, { env: {} });
      assert.equal(stdout, '1 2 2\n');
      assert.equal(stderr, '');
    });

    test('makes a file that starts without a warning and tells its version', async () => {
      const [file = '', ...args] = [...command, '--version'];
      const { stdout, stderr } = await run(file, args, { env: {} });
      assert.ok(stdout.includes(version()), stdout);
      assert.equal(stderr, '');
    });

    test('makes a file that serves /healthz and stops when asked', { timeout: 60_000 }, async (t) => {
      const server = await startServer(t, command);
      const port = await server.portFromItsWords();
      const response = await fetch(`http://127.0.0.1:${port}/healthz`);
      assert.equal(response.status, 200);
      server.process.kill('SIGTERM');
      const [code] = await once(server.process, 'exit');
      assert.equal(code, 0, server.output());
    });
  });
});

describe('the targets of build.sh', () => {
  test('are named alone, by system, or all', () => {
    const chosen = (...words: string[]) => chooseTargets(words).map(({ name }) => name);
    assert.deepEqual(chosen('all'), names);
    assert.deepEqual(chosen('linux'), ['linux-x64', 'linux-arm64']);
    assert.deepEqual(chosen('mac'), ['macos-x64', 'macos-arm64']);
    assert.deepEqual(chosen('win'), ['win-x64']);
    assert.deepEqual(chosen('win-x64', 'linux', 'linux-x64'), ['linux-x64', 'linux-arm64', 'win-x64']);
    assert.throws(() => chosen('linux', 'plan9'), /unknown target: plan9/);
  });

  test('all stand in its usage', async () => {
    const { stdout } = await run('bash', [buildScript, '--help']);
    const words = new Set(stdout.split(/\s+/));
    for (const { name, group } of targets) assert.ok(words.has(name) && words.has(group), name);
    assert.ok(words.has('all'));
  });
});

/** How to start a program for Linux on arm64 on this machine. */
async function arm64Runner(): Promise<readonly string[]> {
  if (process.arch === 'arm64') return [];
  const libraries = '/usr/aarch64-linux-gnu';
  const qemu = await requireTool('qemu-aarch64-static', 'qemu-user-static');
  await requireFile(join(libraries, 'lib/ld-linux-aarch64.so.1'), 'libc6-arm64-cross');
  await requireFile(join(libraries, 'lib/libstdc++.so.6'), 'libstdc++6-arm64-cross');
  return [qemu, '-L', libraries];
}

interface Server {
  readonly process: ChildProcess;
  output(): string;
  portFromItsWords(): Promise<number>;
}

async function startServer(t: TestContext, [file = '', ...first]: readonly string[]): Promise<Server> {
  const home = await mkdtemp(join(tmpdir(), 'yunque-arm64-'));
  const args = [...first, 'serve', '0', '--host', '127.0.0.1', '--data-dir', join(home, 'data')];
  const child = spawn(file, args, { env: { HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(async () => {
    child.kill('SIGKILL');
    await rm(home, { recursive: true, force: true });
  });
  let text = '';
  child.stderr.on('data', (chunk) => (text += chunk));
  return {
    process: child,
    output: () => text,
    async portFromItsWords() {
      for await (const chunk of child.stdout) {
        text += chunk;
        const port = /"port":(\d+)/.exec(text)?.[1];
        if (port !== undefined) return Number(port);
      }
      throw new Error(`it ended without a port:\n${text}`);
    },
  };
}
