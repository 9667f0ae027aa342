import assert from 'node:assert/strict';
import test from 'node:test';
import { startDoors } from './harness.ts';

const json = (text: string) => JSON.parse(text);
const year = 365 * 86_400_000;

test('keys are made for a system or for the operator, with what was asked and nothing else', async (t) => {
  const doors = await startDoors(t);
  const answer = await doors.post('/admin/v1/keys', '{"owner":"system","system":"sys","role":"push"}');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.deepEqual(json(answer.text), {
    info: { owner: 'system', system: 'sys', role: 'push', id: 'a', createdAt: 1 },
    key: 'yq_a_b',
    removed: [],
  });
  await doors.post('/admin/v1/keys', '{"owner":"system","role":"read","now":true}');
  await doors.post('/admin/v1/keys', `{"owner":"operator","role":"operate","now":false,"ttlMs":${10 * year}}`);
  assert.deepEqual(doors.commands, [
    { type: 'rotateKey', grant: { owner: 'system', system: 'sys', role: 'push' } },
    { type: 'rotateKey', grant: { owner: 'system', system: 'default', role: 'read' }, now: true },
    { type: 'rotateKey', grant: { owner: 'operator', role: 'operate' }, now: false, ttlMs: 10 * year },
  ]);
});

test('a request for a key that is not quite right is refused with the field, and none is made', async (t) => {
  const doors = await startDoors(t);
  const wrong: [body: string, status: number, field: string | undefined, words: RegExp][] = [
    ['{}', 400, undefined, /owner is system or operator/],
    ['{"owner":"nobody","role":"push"}', 400, undefined, /owner is system or operator/],
    ['{"owner":"system"}', 400, 'role', /role is required/],
    ['{"owner":"system","role":"operate"}', 400, 'role', /one of read, push, admin/],
    ['{"owner":"operator","role":"push"}', 400, 'role', /one of read, operate, admin/],
    ['{"owner":"operator","system":"sys","role":"read"}', 400, 'system', /not a field of this request/],
    ['{"owner":"system","role":"push","ttl":"90d"}', 400, 'ttl', /known here: owner, system, role, now, ttlMs/],
    ['{"owner":"system","role":"push","ttlMs":999}', 400, 'ttlMs', /a second/],
    [`{"owner":"system","role":"push","ttlMs":${10 * year + 1}}`, 400, 'ttlMs', /ten years/],
    ['{"owner":"system","role":"push","ttlMs":1500.5}', 400, 'ttlMs', /integer/],
    ['{"owner":"system","role":"push","now":"yes"}', 400, 'now', /boolean/],
    ['{"owner":"system","system":"nowhere","role":"push"}', 404, undefined, /no such system/],
  ];
  for (const [body, status, field, words] of wrong) {
    const answer = await doors.post('/admin/v1/keys', body);
    assert.equal(answer.status, status, body);
    assert.equal(json(answer.text).error.field, field, body);
    assert.match(answer.text, words);
  }
  assert.deepEqual(doors.commands, []);
});

test('keys are listed and removed by id', async (t) => {
  const doors = await startDoors(t);
  await doors.ask('/admin/v1/keys?system=sys&where=role%3Dpush');
  assert.equal((await doors.ask('/admin/v1/keys/abc', { method: 'DELETE' })).status, 200);
  assert.deepEqual(doors.commands, [
    { type: 'listKeys', query: { system: 'sys', where: [{ field: 'role', op: '=', value: 'push' }] } },
    { type: 'removeKey', id: 'abc' },
  ]);
});

test('users are banned for a time, listed and let in again', async (t) => {
  const doors = await startDoors(t);
  const ban = '/admin/v1/users/o%2Fhara%20%E4%BA%91/ban';
  assert.deepEqual(json((await doors.post(ban, '{"system":"sys","forMs":3600000,"reason":"spam"}')).text), {
    closed: 0,
    until: 1,
  });
  await doors.post('/admin/v1/users/alice/ban', `{"forMs":${year}}`);
  await doors.ask('/admin/v1/bans?search=a');
  assert.deepEqual(json((await doors.ask(`${ban}?system=sys`, { method: 'DELETE' })).text), { lifted: true });
  const at = { system: 'sys', uid: 'o/hara 云' };
  assert.deepEqual(doors.commands, [
    { type: 'ban', ...at, forMs: 3_600_000, reason: 'spam' },
    { type: 'ban', system: 'default', uid: 'alice', forMs: year },
    { type: 'listBans', query: { search: 'a' } },
    { type: 'unban', ...at },
  ]);
});

test('a ban that is not quite right is refused with the field, and nobody is closed', async (t) => {
  const doors = await startDoors(t);
  const wrong: [body: string, status: number, field: string | undefined, words: RegExp][] = [
    ['{}', 400, 'forMs', /forMs is required/],
    ['{"forMs":999}', 400, 'forMs', /a second/],
    [`{"forMs":${year + 1}}`, 400, 'forMs', /365 days/],
    ['{"forMs":"1h"}', 400, 'forMs', /milliseconds/],
    ['{"forMs":5000,"for":"1h"}', 400, 'for', /known here: system, forMs, reason/],
    [`{"forMs":5000,"reason":"${'x'.repeat(101)}"}`, 400, 'reason', /100/],
    ['{"forMs":5000,"system":"nowhere"}', 404, undefined, /no such system/],
  ];
  for (const [body, status, field, words] of wrong) {
    const answer = await doors.post('/admin/v1/users/alice/ban', body);
    assert.equal(answer.status, status, body);
    assert.equal(json(answer.text).error.field, field, body);
    assert.match(answer.text, words);
  }
  assert.deepEqual(doors.commands, []);
});
