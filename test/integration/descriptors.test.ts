import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startChildNode } from '../support/child-node.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/http-request.ts';
import type { RawClient } from '../support/raw-client.ts';

const limit = 256;
const startNode = (t: TestContext, serve: readonly string[] = []) => startChildNode(t, { openFiles: limit, serve });

test('with its descriptors nearly gone a node refuses newcomers, serves the others and the operator, and recovers', async (t) => {
  const node = await startNode(t);
  const inside: RawClient[] = [];
  let refused = 0;
  for (let n = 0; n < limit + 50; n += 1) {
    const client = await node.upgrade();
    if (client.status === 101) inside.push(client);
    else {
      assert.equal(client.status, 503, `after ${inside.length} that were let in and ${refused} refused`);
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
  await eventually('the log says so', () => /"level":40.*"msg":"newcomers are refused"/.test(node.said()));

  for (const { socket } of inside.slice(0, 40)) socket.destroy();
  await eventually('there is room again', async () => (await node.upgrade()).status === 101);
  await eventually('it says so', () => node.said().includes('"msg":"newcomers are let in again"'));
});

test('a crowd at once, larger than there are descriptors for, is answered and not cut off', async (t) => {
  const node = await startNode(t);
  const crowd = await Promise.all(Array.from({ length: 400 }, () => node.upgrade()));
  const count = (status: number) => crowd.filter((client) => client.status === status).length;
  // Those that are turned away hold descriptors too, until they have been told.
  assert.ok(count(101) > limit / 4, `${count(101)} were let in`);
  // One that still writes when it has been answered may see a reset and read no more.
  const answered = count(101) + count(503);
  assert.ok(answered > crowd.length * 0.9, `${answered} were answered`);
  assert.ok(node.isAlive());
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

test('connections to the public port beyond all descriptors leave the internal listener its own', async (t) => {
  const node = await startNode(t, ['--set', 'internal.listen=127.0.0.1:0']);
  // The beginning of a request: such a connection is not ended as idle.
  for (let n = 0; n < 2 * limit; n += 1) (await node.idle()).write('G');
  await eventually('it sheds', async () => (await node.admin.stats()).nodes[0]?.shedding[0] === 'descriptors');
  const internal = Number(/"internal":"http:[^"]*:(\d+)/.exec(node.said())?.[1]);
  for (let n = 0; n < 10; n += 1) assert.equal((await ask(internal, '/healthz')).status, 200);
  assert.equal((await ask(internal, '/metrics')).status, 200);
  assert.ok(node.isAlive());
});

test('HTTP connections that wait for another request make room for clients', async (t) => {
  const node = await startNode(t);
  const waiting: Socket[] = [];
  for (let n = 0; n < limit; n += 1) {
    const socket = await node.idle();
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    if (!(await isAnswered(socket))) break;
    waiting.push(socket);
  }
  assert.ok(waiting.length > limit / 2, `${waiting.length} were answered`);
  // Node itself would keep them for 75 s.
  await eventually('they are ended', () => waiting.some(({ closed }) => closed));
  await eventually('there is room', async () => (await node.upgrade()).status === 101);
});

test('a limit that the descriptors do not allow is warned about at the start', async (t) => {
  const node = await startNode(t, ['--set', 'limits.connections=1000']);
  assert.match(node.said(), /"level":40.*enough for 1\d\d connections, limits.connections is 1000: raise ulimit -n/);
});

/** False: its end came instead. */
function isAnswered(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('data', () => resolve(true));
    socket.once('close', () => resolve(false));
  });
}
