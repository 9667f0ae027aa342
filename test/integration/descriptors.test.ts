import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createAdminClient } from '../../src/client/admin-client.ts';
import { eventually } from '../support/eventually.ts';
import { openRaw, type RawClient } from '../support/raw-client.ts';

const limit = 256;
const main = join(import.meta.dirname, '../../src/main.ts');

/** A node of its own process with few descriptors. */
async function startNode(t: TestContext, args: readonly string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-fd-'));
  const script = `ulimit -n ${limit}; exec "$@"`;
  const serve = [
    process.execPath,
    main,
    'serve',
    '0',
    '--host',
    '127.0.0.1',
    '--data-dir',
    join(folder, 'data'),
    ...args,
  ];
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: folder, LANG: 'C' };
  const child = spawn('bash', ['-c', script, 'bash', ...serve], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const sockets: Socket[] = [];
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  });
  await eventually('it serves', () => {
    assert.equal(child.exitCode, null, said);
    return said.includes('"msg":"serving"');
  });
  const port = Number(/"port":(\d+)/.exec(said)?.[1]);
  const admin = createAdminClient({ socketPath: join(folder, 'yunque', `${port}.sock`), timeoutMs: 5000 });
  return {
    port,
    admin,
    said: () => said,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    upgrade: async (): Promise<RawClient> => {
      const client = await openRaw(port);
      sockets.push(client.socket);
      await client.upgrade(port, '/ws').catch(() => {});
      return client;
    },
    /** A TCP connection that says nothing. */
    idle: async (): Promise<Socket> => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      sockets.push(socket);
      await once(socket, 'connect');
      return socket;
    },
  };
}

test('with its descriptors nearly gone a node refuses newcomers, serves the others and the operator, and recovers', async (t) => {
  const node = await startNode(t);
  const inside: RawClient[] = [];
  let refused = 0;
  for (let n = 0; n < limit + 50; n += 1) {
    const client = await node.upgrade();
    if (client.status === 101) inside.push(client);
    else {
      assert.equal(client.status, 503);
      refused += 1;
    }
  }
  assert.ok(inside.length > limit / 2 && inside.length < limit - 64, `${inside.length} were let in`);
  await eventually('it sheds', async () => (await node.admin.stats()).nodes[0]?.shedding[0] === 'descriptors');
  const [stats] = (await node.admin.stats()).nodes;
  assert.equal(stats?.connections, inside.length);
  assert.equal(stats?.refused['unavailable'], refused);
  assert.match(stats?.health.reasons.join() ?? '', /newcomers are refused: \d+ of 256 file descriptors are open/);
  assert.equal((await fetch(`http://127.0.0.1:${node.port}/healthz`)).status, 200);
  const receipt = await node.admin.send({ target: { to: 'system' }, push: { msg: 'still here' } });
  assert.deepEqual([receipt.matched, receipt.delivered], [inside.length, inside.length]);
  assert.match(node.said(), /"level":40.*"msg":"newcomers are refused"/);

  for (const { socket } of inside.slice(0, 40)) socket.destroy();
  await eventually('there is room again', async () => (await node.upgrade()).status === 101);
  await eventually('it says so', () => node.said().includes('"msg":"newcomers are let in again"'));
});

test('idle TCP connections beyond all descriptors neither end a node nor lock its operator out', async (t) => {
  const node = await startNode(t);
  const before = await node.upgrade();
  const idle: Socket[] = [];
  for (let n = 0; n < 2 * limit; n += 1) idle.push(await node.idle());
  await eventually('it sheds', async () => (await node.admin.stats()).nodes[0]?.shedding[0] === 'descriptors');
  const receipt = await node.admin.send({ target: { to: 'system' }, push: { msg: 'still here' } });
  assert.deepEqual([receipt.matched, receipt.delivered], [1, 1]);
  await eventually('it arrives', () => before.frames.some(({ payload }) => payload.includes('still here')));
  for (const socket of idle) socket.destroy();
  await eventually('there is room again', async () => (await node.upgrade()).status === 101);
  assert.ok(node.isAlive());
  assert.doesNotMatch(node.said(), /uncaught|EMFILE|\n +at /i);
});

test('a limit that the descriptors do not allow is warned about at the start', async (t) => {
  const node = await startNode(t, ['--set', 'limits.connections=1000']);
  assert.match(node.said(), /"level":40.*enough for 1\d\d connections, limits.connections is 1000: raise ulimit -n/);
});
