import assert from 'node:assert/strict';
import { type IncomingMessage, request } from 'node:http';
import { test } from 'node:test';
import type { Judgement } from '../../../../src/access/access.ts';
import { eventually } from '../../../support/eventually.ts';
import { fakeAccess, trustedPeer } from '../../../support/fake-access.ts';
import { startDoors } from './harness.ts';

const KiB = 1024;
const limits = { bodyBytes: 100 * KiB, bodiesBytes: 256 * KiB, batch: 1000, jsonDepth: 32, idBytes: 255 };

/** A request whose body stops before its last byte; `finish` sends that. */
function begin(port: number, path: string, body: string, length?: number, more = {}, method = 'POST') {
  const framing = length === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': length };
  const headers = { systemid: 'sys', ...framing, ...more };
  const asked = request({ port, host: '127.0.0.1', method, path, headers, agent: false });
  const answer = Promise.withResolvers<{
    status: number;
    retryAfter: string | undefined;
    connection: string | undefined;
  }>();
  asked.on('error', answer.reject);
  asked.on('response', (response) => {
    response.resume();
    const { 'retry-after': retryAfter, connection } = response.headers;
    answer.resolve({ status: response.statusCode ?? 0, retryAfter, connection });
  });
  asked.write(body.slice(0, -1));
  return { answer: answer.promise, finish: () => asked.end(body.slice(-1)), cut: () => asked.destroy() };
}

const bodyOf = (bytes: number) => `{"receiver":"a","content":{"a":"${'x'.repeat(bytes - 35)}"}}`;

test('bodies that are being read hold a bounded part of memory; more wait for their turn with 503', async (t) => {
  const doors = await startDoors(t, {}, { limits });
  const large = bodyOf(100 * KiB);
  const held = [0, 1].map(() => begin(doors.port, '/send', large, large.length));
  const ask = async (bytes: number) => (await doors.post('/send', bodyOf(bytes))).status;
  await eventually('both are being read', async () => (await ask(60 * KiB)) === 503);
  assert.equal(await ask(10 * KiB), 200, 'a small one has room');
  const refused = begin(doors.port, '/api/send_to_system', large, large.length);
  const { status, retryAfter } = await refused.answer;
  assert.deepEqual([status, retryAfter], [503, '1']);
  refused.cut();
  assert.ok(doors.refusals.every(({ error }) => error === 'unavailable'));
  for (const { finish } of held) finish();
  assert.deepEqual(await Promise.all(held.map(async ({ answer }) => (await answer).status)), [200, 200]);
  await eventually('there is room again', async () => (await ask(60 * KiB)) === 200);
});

test('what counts is what has come, not what was declared; and one that is cut off counts no more', async (t) => {
  const doors = await startDoors(t, {}, { limits });
  const declared = Array.from({ length: 10 }, () => begin(doors.port, '/send', 'xx', 100 * KiB));
  const unmeasured = Array.from({ length: 10 }, () => begin(doors.port, '/send', 'xx'));
  assert.equal((await doors.post('/send', bodyOf(90 * KiB))).status, 200);
  const streaming = [0, 1].map(() => begin(doors.port, '/send', bodyOf(70 * KiB)));
  await eventually('they are being read', async () => (await doors.post('/send', bodyOf(90 * KiB))).status === 503);
  for (const { cut, answer } of [...declared, ...unmeasured, ...streaming]) {
    answer.catch(() => {});
    cut();
  }
  await eventually('there is room again', async () => (await doors.post('/send', bodyOf(90 * KiB))).status === 200);
});

test('a system’s key gets at most half of what the others leave, so that nobody shuts out the rest', async (t) => {
  const judge = (system: string): Judgement =>
    system === 'trusted'
      ? trustedPeer
      : { allowed: true, principal: { kind: 'system-key', role: 'read', keyId: 'a', system }, system };
  const access = { ...fakeAccess(), judgeRequest: async ({ headers }: IncomingMessage) => judge(`${headers['x-as']}`) };
  const doors = await startDoors(t, {}, { limits, access });
  const as = (who: string) => ({ SystemId: 'sys', 'x-as': who });
  const ask = async (who: string, bytes: number) => (await doors.post('/send', bodyOf(bytes), as(who))).status;
  // Half of 256 KiB.
  const held = [begin(doors.port, '/send', bodyOf(80 * KiB), undefined, as('sys'))];
  await eventually('the first is being read', async () => (await ask('sys', 45 * KiB)) === 503);
  // Of the 172 KiB that are left.
  assert.equal(await ask('default', 85 * KiB), 503);
  assert.equal(await ask('default', 70 * KiB), 200);
  held.push(begin(doors.port, '/send', bodyOf(70 * KiB), undefined, as('default')));
  await eventually('the second is being read', async () => (await ask('default', 10 * KiB)) === 503);
  assert.equal(await ask('trusted', 80 * KiB), 200);
  const full = await doors.post('/send', bodyOf(97 * KiB), as('trusted'));
  assert.equal(full.status, 503);
  assert.match(full.text, /limits\.bodies/);
  for (const { finish } of held) finish();
  assert.deepEqual(await Promise.all(held.map(async ({ answer }) => (await answer).status)), [200, 200]);
  await eventually('there is room again', async () => (await ask('sys', 90 * KiB)) === 200);
});

test('strangers take nothing of it: without a path, a method or access they are answered before their body', async (t) => {
  const judge = () => ({ allowed: false, code: 'forbidden', message: 'no', hint: '' }) as const;
  const doors = await startDoors(
    t,
    {},
    { limits: { ...limits, bodiesBytes: 8 * KiB }, judge, websocketPaths: ['/ws'] },
  );
  for (const [method, path, status] of [
    ['POST', '/nothing', 404],
    ['POST', '/healthz', 405],
    ['DELETE', '/send', 405],
    ['GET', '/ws', 426],
    ['GET', '/healthz', 200],
    ['POST', '/send', 403],
    ['POST', '/admin/v1/nothing', 403],
  ] as const) {
    for (let n = 0; n < 3; n += 1) {
      const asked = begin(doors.port, path, 'xx', undefined, {}, method);
      const answer = await asked.answer;
      assert.equal(answer.status, status, `${method} ${path}`);
      if (status !== 200) assert.equal(answer.connection, 'close', path);
      asked.cut();
    }
  }
});

test('the admin API and requests without a body are answered when nothing else is', async (t) => {
  const doors = await startDoors(t, {}, { limits: { ...limits, bodiesBytes: 0 } });
  assert.equal((await doors.post('/send', bodyOf(50))).status, 503);
  assert.equal((await doors.post('/admin/v1/send', '{"target":{"to":"system"},"push":{}}')).status, 200);
  assert.equal((await doors.ask('/getOnlineUser')).status, 200);
});
