import assert from 'node:assert/strict';
import test from 'node:test';
import type { Access, Judgement } from '../../../../src/access/access.ts';
import { fakeAccess } from '../../../support/fake-access.ts';
import { startDoors } from './harness.ts';

const body = '{"receiver":"alice","content":{"a":1.0}}';
const spellings = ['/send', '/send?x=1', '/%73end', '/send?'];

test('a push means the same however its path is spelled', async (t) => {
  const doors = await startDoors(t);
  const answers = [];
  for (const path of spellings) answers.push(await doors.post(path, body));
  for (const { status, text, headers } of answers) {
    assert.equal(status, 200);
    assert.equal(text, answers[0]?.text);
    assert.deepEqual(Object.keys(headers), Object.keys(answers[0]?.headers ?? {}));
  }
  assert.equal(doors.commands.length, spellings.length);
  for (const command of doors.commands) assert.deepEqual(command, doors.commands[0]);
});

test('a push is refused alike however its path is spelled, and before its body where access says no', async (t) => {
  const no: Judgement = { allowed: false, code: 'unauthorized', message: 'no', hint: 'bring a key' };
  const doors = await startDoors(t, {}, { judge: () => no });
  for (const path of spellings) {
    const { status, text, headers } = await doors.post(path, 'not JSON');
    assert.equal(status, 401);
    assert.equal(text, '{"code":401,"message":"no; bring a key","data":null}');
    assert.equal(headers['www-authenticate'], 'Bearer');
  }
  assert.deepEqual(
    doors.refusals.map(({ error, what }) => `${error} ${what}`),
    ['unauthorized POST /send', 'unauthorized POST /send', 'unauthorized POST /%73end', 'unauthorized POST /send'],
  );
});

test('a judgement that is there at once counts like one that is waited for', async (t) => {
  const judged: string[] = [];
  const judgeRequest: Access['judgeRequest'] = ({ headers }, privilege) => {
    judged.push(privilege);
    const judgement: Judgement = headers['x-stranger']
      ? { allowed: false, code: 'forbidden', message: 'not you', hint: 'be another' }
      : {
          allowed: true,
          principal: { kind: 'system-key', role: 'push', system: 'sys', keyId: 'k' },
          system: 'sys',
        };
    return headers['x-later'] ? Promise.resolve(judgement) : judgement;
  };
  const doors = await startDoors(t, {}, { access: fakeAccess({ judgeRequest }) });
  for (const later of [{ SystemId: 'default' }, { SystemId: 'default', 'x-later': '1' }]) {
    assert.equal((await doors.post('/send', body, later)).status, 200);
    assert.equal((await doors.post('/send', body, { ...later, 'x-stranger': '1' })).status, 403);
  }
  assert.deepEqual(judged, ['push', 'push', 'push', 'push']);
  // The key's own system, whatever the header says.
  assert.deepEqual(
    doors.commands.map((command) => 'system' in command && command.system),
    ['sys', 'sys'],
  );
});

test('an answer beyond ASCII arrives whole', async (t) => {
  const doors = await startDoors(t);
  const { status, text, headers } = await doors.post('/send/toUids', '{"uids":["爱丽丝"],"message":{"receiver":1}}');
  assert.equal(status, 400);
  assert.match(text, /receiver must be a string/);
  assert.equal(Number(headers['content-length']), Buffer.byteLength(text));
  const named = await doors.post('/api/send_to_group', '{}');
  assert.equal(named.text, '{"code":-1,"msg":"groupName为必填字段","data":[]}');
  assert.equal(Number(named.headers['content-length']), Buffer.byteLength(named.text));
});

test('a method that a path does not take is still 405 with those it takes', async (t) => {
  const doors = await startDoors(t);
  for (const [path, allow] of [
    ['/send', 'POST'],
    ['/api/send_to_group', 'POST'],
  ] as const) {
    const { status, headers } = await doors.ask(path, { method: 'GET' });
    assert.equal(status, 405);
    assert.equal(headers.allow, allow);
  }
  assert.equal((await doors.ask('/getOnlineUser?uid=a', { headers: { SystemId: 'sys' } })).status, 200);
});
