import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { eventually } from '../support/eventually.ts';
import { isProcess } from '../support/worker-node.ts';
import { createYunque } from './cli-binary.ts';

interface Stats {
  readonly nodes: readonly { readonly node: string; readonly pid: number; readonly connections: number }[];
}

test('the binary serves with workers: they are shown, killed, started again, reloaded and stopped as one', async (t) => {
  const yunque = await createYunque(t);
  const node = await yunque.serve(['--workers', '2']);
  const server = String(node.port);
  const stats = async () => {
    const { out, code, err } = await yunque.run(['stats', '--json', '-s', server]);
    // 7: one does not answer.
    assert.ok(code === 0 || code === 7, err);
    return JSON.parse(out) as Stats;
  };
  const sockets: WebSocket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.terminate();
  });
  const heard: string[] = [];
  const connect = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/ws`);
    sockets.push(socket);
    socket.on('error', () => {});
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on('message', (data) => {
      heard.push(String(data));
      resolve();
    });
    await promise;
  };
  do {
    for (let n = 0; n < 10; n += 1) await connect();
  } while ((await stats()).nodes.some(({ connections }) => connections === 0));
  const count = sockets.length;
  const { nodes } = await stats();
  assert.equal(nodes.length, 2);
  const sent = await yunque.run(['send', '--all', 'hello', '--json', '-s', server]);
  assert.equal(sent.code, 0, sent.err);
  assert.equal((JSON.parse(sent.out) as { delivered: number }).delivered, count);
  await eventually('all have it', () => heard.filter((text) => text.includes('hello')).length === count);

  const [victim, other] = nodes;
  assert.ok(victim !== undefined && other !== undefined);
  process.kill(victim.pid, 'SIGKILL');
  await eventually(
    'it is there again',
    async () => {
      const now = (await stats()).nodes;
      return now.length === 2 && now.every(({ pid }) => pid !== victim.pid);
    },
    30_000,
  );
  assert.equal(sockets.filter((socket) => socket.readyState === WebSocket.OPEN).length, other.connections);
  const reloaded = await yunque.run(['reload', '-s', server]);
  assert.equal(reloaded.code, 0, reloaded.err);

  const pids = (await stats()).nodes.map(({ pid }) => pid);
  const stopped = await yunque.run(['stop', '-s', server]);
  assert.equal(stopped.code, 0, stopped.err);
  assert.deepEqual([(await node.done).code, ...pids.map(isProcess)], [0, false, false]);
});

test('where the binary’s supervisor is killed, its workers end', async (t) => {
  const yunque = await createYunque(t);
  const node = await yunque.serve(['--workers', '2', '--max-heap', '128MiB']);
  const { out } = await yunque.run(['stats', '--json', '-s', String(node.port)]);
  const pids = (JSON.parse(out) as Stats).nodes.map(({ pid }) => pid);
  assert.equal(pids.length, 2);
  node.process.kill('SIGKILL');
  await eventually('they have ended', () => pids.every((pid) => !isProcess(pid)));
});

test('a number of workers that cannot be is refused with what is expected', async (t) => {
  const yunque = await createYunque(t);
  const { code, err } = await yunque.run(['serve', '0', '--workers', 'many']);
  assert.equal(code, 78);
  assert.match(err, /workers.*expected a whole number from 1 to 128, or auto, found "many"/);
});
