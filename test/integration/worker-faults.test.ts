import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { isProcess, startWorkers } from '../support/worker-node.ts';
import type { WsClient } from '../support/ws-clients.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
const push = (msg: string) => ({ target: { to: 'system' as const }, push: { msg } });

/** Sends to all without a pause until it is ended; answers how many were sent and what went wrong. */
function underLoad(send: (msg: string) => Promise<unknown>) {
  let isOver = false;
  let sent = 0;
  const failures: unknown[] = [];
  const done = (async () => {
    while (!isOver) {
      await send(`load ${sent}`).catch((error: unknown) => failures.push(error));
      sent += 1;
    }
  })();
  return {
    sent: () => sent,
    async end() {
      isOver = true;
      await done;
      return { sent, failures };
    },
  };
}

const numbersOf = (client: WsClient) =>
  client.messages.flatMap(({ msg }) => {
    const number = /^load (\d+)$/.exec(String(msg))?.[1];
    return number === undefined ? [] : [Number(number)];
  });

test('a worker that is killed is started again; the clients of the others miss nothing, and its own can come back', async (t) => {
  const node = await startWorkers(t);
  const crowd = await node.crowd();
  const before = await node.nodes();
  const [victim, other] = before;
  assert.ok(victim !== undefined && other !== undefined);
  const load = underLoad((msg) => node.admin.send(push(msg)));
  await eventually('it is sent', () => load.sent() > 20);
  process.kill(victim.pid, 'SIGKILL');
  await eventually(
    'its clients are cut off',
    () => crowd.filter(({ ended }) => ended !== undefined).length === victim.connections,
  );
  await eventually('its clients are no longer counted', async () => {
    const { total } = await node.admin.connections({ limit: 1 });
    return total === other.connections;
  });
  const back = await Promise.all(Array.from({ length: victim.connections }, () => node.connect('json')));
  await node.whenNodes(2);
  const after = await node.nodes();
  assert.deepEqual(after.map(({ node: id }) => id).toSorted(), before.map(({ node: id }) => id).toSorted());
  assert.equal(isProcess(victim.pid), false);
  assert.equal(
    after.some(({ pid }) => pid === other.pid),
    true,
  );
  await node.crowd(4);
  const { sent } = await load.end();
  await node.admin.send(push('the end'));
  const survivors = crowd.filter(({ ended }) => ended === undefined);
  assert.equal(survivors.length, other.connections);
  for (const client of survivors) {
    await client.message(({ msg }) => msg === 'the end');
    const numbers = numbersOf(client);
    // What the dead worker was asked to do, and was answered by nobody, may have been done or not.
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(numbers).size, numbers.length);
    assert.ok(numbers.length >= sent - 3, `${numbers.length} of ${sent}`);
  }
  for (const client of back) await client.message(({ msg }) => msg === 'the end');
  assert.match(node.said(), /a worker has ended/);
});

test('a supervisor that is killed leaves no process behind', async (t) => {
  const node = await startWorkers(t, { workers: 3 });
  const crowd = await node.crowd();
  const pids = (await node.nodes()).map(({ pid }) => pid);
  assert.equal(pids.length, 3);
  process.kill(node.pid, 'SIGKILL');
  await eventually('all have ended', () => pids.every((pid) => !isProcess(pid)));
  await eventually('the clients know', () => crowd.every(({ ended }) => ended !== undefined));
});

test('stopped under load, every client is told to go, and no process is left', async (t) => {
  const node = await startWorkers(t);
  const crowd = await node.crowd(30);
  const pids = (await node.nodes()).map(({ pid }) => pid);
  const load = underLoad((msg) => node.admin.send(push(msg)));
  await eventually('it is sent', () => load.sent() > 20);
  process.kill(node.pid, 'SIGTERM');
  await eventually('it has ended', () => !node.isAlive(), 20_000);
  await load.end();
  assert.deepEqual(pids.map(isProcess), [false, false]);
  assert.deepEqual(new Set(crowd.map(({ ended }) => ended?.code)), new Set([4001]));
  assert.match(node.said(), /"msg":"stopped"}\n$/);
});

test('stopped through the admin API of any worker, all end', async (t) => {
  const node = await startWorkers(t, { serve: ['--set', 'auth.trustLoopback=true'] });
  await node.crowd();
  const answer = await node.admin.stop({ now: true });
  assert.deepEqual([answer.process?.pid, answer.clients > 0], [node.pid, true]);
  await eventually('it has ended', () => !node.isAlive());
});

test('a second start on the port says that it is in use, with workers and without', async (t) => {
  const node = await startWorkers(t);
  const folder = await mkdtemp(join(tmpdir(), 'yunque-second-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const flags of [[], ['--workers', '2']]) {
    const args = [
      main,
      'serve',
      String(node.port),
      '--host',
      '127.0.0.1',
      '--data-dir',
      join(folder, 'data'),
      ...flags,
    ];
    const second = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: folder },
    });
    let said = '';
    second.stderr.on('data', (chunk) => (said += chunk));
    const [code] = (await once(second, 'close')) as [number];
    assert.equal(code, 1, said);
    assert.match(said, /is in use by another program/);
  }
  assert.equal((await node.nodes()).length, 2);
});

test('a reload reaches every worker, or none where one setting is wrong', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-reload-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'config.yaml');
  const write = (bindTimeout: string) => writeFile(file, `bindTimeout: ${bindTimeout}\nlog:\n  level: debug\n`);
  await write('60s');
  const node = await startWorkers(t, { serve: ['--config', file] });
  await write('nonsense');
  await assert.rejects(node.admin.reload(), /configuration/);
  await write('200ms');
  const { changes } = await node.admin.reload();
  assert.deepEqual(
    changes.map(({ key, effect }) => [key, effect]),
    [['bindTimeout', 'applied']],
  );
  const unbound = await Promise.all(Array.from({ length: 24 }, () => node.upgrade('/yunque')));
  for (const client of unbound) assert.equal(await client.closeCode(), 4002);
});

test('where no worker can start, the supervisor ends and says why', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-start-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const args = [main, 'serve', '0', '--host', '127.0.0.1', '--data-dir', join(folder, 'data'), '--workers', '2'];
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: folder };
  const dying = join(folder, 'dying.mjs');
  await writeFile(dying, "if (process.argv[2] === 'worker') process.exit(9);\n");
  const child = spawn(process.execPath, args, { env: { ...env, NODE_OPTIONS: `--import=${dying}` } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 1, said);
  assert.match(said, /error: the worker .* ended \(exit 9\)/);
});
