import assert from 'node:assert/strict';
import test from 'node:test';
import { messageId, startDoors } from './harness.ts';

const now = 1_700_000_000_000;
const message = {
  kind: 'cim',
  messageId,
  id: BigInt(now),
  action: '2',
  content: '你好 & co',
  sender: '0',
  receiver: 'alice',
  extra: 'e',
  title: 't',
  format: 'f',
  timestamp: BigInt(now),
};
const parameters = new URLSearchParams({
  sender: '0',
  receiver: 'alice',
  action: '2',
  content: '你好 & co',
  extra: 'e',
  title: 't',
  format: 'f',
});
const command = { type: 'push', door: 'http', system: 'default', target: { to: 'users', uids: ['alice'] }, message };

test('a CIM message comes as query, form or JSON and is answered with its id', async (t) => {
  const json = JSON.stringify(Object.fromEntries(parameters));
  for (const [query, body] of [
    [`?${parameters}`, ''],
    ['', `${parameters}`],
    ['', json],
  ] as const) {
    const doors = await startDoors(t);
    const answer = await doors.post(`/api/message/send${query}`, body, {});
    assert.equal(answer.text, `{"code":200,"data":${now}}`);
    assert.deepEqual(doors.commands, [command]);
    assert.deepEqual(doors.judged, ['push']);
  }
});

test('two messages in the same millisecond have different ids', async (t) => {
  const doors = await startDoors(t);
  const ask = async () => JSON.parse((await doors.post('/api/message/send', `${parameters}`)).text).data;
  assert.deepEqual([await ask(), await ask()], [now, now + 1]);
});

test('sender, receiver and action are required', async (t) => {
  const doors = await startDoors(t);
  for (const name of ['sender', 'receiver', 'action']) {
    const rest = new URLSearchParams(parameters);
    rest.delete(name);
    const answer = await doors.post(`/api/message/send?${rest}`, '');
    assert.equal(answer.status, 400);
    assert.equal(answer.text, JSON.stringify({ code: 400, message: `${name} is required`, data: null }));
  }
  assert.deepEqual(doors.commands, []);
});

test('only POST is taken', async (t) => {
  const doors = await startDoors(t);
  const answer = await doors.ask(`/api/message/send?${parameters}`);
  assert.equal(answer.status, 405);
  assert.equal(answer.headers['allow'], 'POST');
});
