import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { eventually } from '../../../support/eventually.ts';
import { startDoors } from './harness.ts';

const KiB = 1024;
const limits = { bodyBytes: 100 * KiB, bodiesBytes: 256 * KiB, batch: 1000, jsonDepth: 32, idBytes: 255 };

/** A request whose body stops before its last byte; `finish` sends that. */
function begin(port: number, path: string, body: string, length?: number) {
  const headers = { systemid: 'sys', ...(length !== undefined && { 'content-length': length }) };
  const asked = request({ port, host: '127.0.0.1', method: 'POST', path, headers, agent: false });
  const answer = Promise.withResolvers<{ status: number; retryAfter: string | undefined }>();
  asked.on('error', answer.reject);
  asked.on('response', (response) => {
    response.resume();
    answer.resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
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
  assert.deepEqual(await refused.answer, { status: 503, retryAfter: '1' });
  refused.cut();
  assert.ok(doors.refusals.every(({ error }) => error === 'unavailable'));
  for (const { finish } of held) finish();
  assert.deepEqual(await Promise.all(held.map(async ({ answer }) => (await answer).status)), [200, 200]);
  await eventually('there is room again', async () => (await ask(60 * KiB)) === 200);
});

test('a body without a length counts as the largest there can be, and one that is cut off counts no more', async (t) => {
  const doors = await startDoors(t, {}, { limits });
  const held = [0, 1].map(() => begin(doors.port, '/send', bodyOf(50)));
  await eventually('both are being read', async () => (await doors.post('/send', bodyOf(60 * KiB))).status === 503);
  for (const { cut, answer } of held) {
    answer.catch(() => {});
    cut();
  }
  await eventually('there is room again', async () => (await doors.post('/send', bodyOf(60 * KiB))).status === 200);
});

test('the admin API and requests without a body are answered when nothing else is', async (t) => {
  const doors = await startDoors(t, {}, { limits: { ...limits, bodiesBytes: 0 } });
  assert.equal((await doors.post('/send', bodyOf(50))).status, 503);
  assert.equal((await doors.post('/admin/v1/send', '{"target":{"to":"system"},"push":{}}')).status, 200);
  assert.equal((await doors.ask('/getOnlineUser')).status, 200);
});
