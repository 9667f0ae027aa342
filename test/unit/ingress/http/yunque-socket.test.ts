import assert from 'node:assert/strict';
import test from 'node:test';
import { messageId, startDoors } from './harness.ts';

const body =
  '{"id":748,"action":"chat","content":{"a":"1","b":{"c":1.0}},"sender":"s","receiver":"alice",' +
  '"extra":{"k":"v"},"title":"t","sendTime":1700000000000,"image":"i"}';
const message = {
  kind: 'proto',
  messageId,
  id: 748n,
  action: 'chat',
  content: new Map([
    ['a', '1'],
    ['b', '{"c":1.0}'],
  ]),
  sender: 's',
  receiver: 'alice',
  extra: new Map([['k', 'v']]),
  title: 't',
  sendTime: 1_700_000_000_000n,
  image: 'i',
};
const success = (data: unknown) => JSON.stringify({ code: 200, message: 'success', data });
const refusal = (code: number, text: string) => JSON.stringify({ code, message: text, data: null });
const receipt = { messageId, matched: 3, delivered: 2, stored: 0, dropped: { closing: 1 }, missingNodes: [] };

test('send pushes a MessageProto to its receiver and counts connections', async (t) => {
  const doors = await startDoors(t, { push: () => ({ ...receipt, offline: [] }) });
  const answer = await doors.post('/send', body);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(answer.text, success({ id: 748, messageId, matched: 3, delivered: 2 }));
  const target = { to: 'users', uids: ['alice'] };
  assert.deepEqual(doors.commands, [{ type: 'push', door: 'http', system: 'sys', target, message }]);
  assert.deepEqual(doors.judged, ['push']);
});

test('an id beyond 2^53 comes back as the string it was sent as, and is refused as a number', async (t) => {
  const doors = await startDoors(t);
  const big = '9223372036854775807';
  const answer = await doors.post('/send', `{"id":"${big}","receiver":"a"}`);
  assert.equal(answer.text, success({ id: big, messageId, matched: 0, delivered: 0 }));
  const refused = await doors.post('/send', `{"id":${big},"receiver":"a"}`);
  assert.equal(refused.status, 400);
  assert.match(JSON.parse(refused.text).message, /id.*as a string/);
});

test('send without a receiver says so', async (t) => {
  const doors = await startDoors(t);
  const answer = await doors.post('/send', '{"action":"a"}');
  assert.equal(answer.status, 400);
  assert.equal(answer.text, refusal(400, 'receiver is required; the uid it is for'));
  assert.deepEqual(doors.commands, []);
});

test('send/all pushes to the system, whatever the receiver', async (t) => {
  const doors = await startDoors(t, { push: () => receipt });
  assert.equal((await doors.post('/send/all', body)).text, success({ id: 748, messageId, matched: 3, delivered: 2 }));
  assert.deepEqual(doors.commands, [{ type: 'push', door: 'http', system: 'sys', target: { to: 'system' }, message }]);
});

test('send/toUids pushes to several users and names those without a connection', async (t) => {
  const doors = await startDoors(t, { push: () => ({ ...receipt, offline: ['bob'] }) });
  const answer = await doors.post('/send/toUids', `{"message":${body},"uids":["alice","bob"]}`);
  assert.equal(answer.text, success({ id: 748, messageId, matched: 3, delivered: 2, offline: ['bob'] }));
  const target = { to: 'users', uids: ['alice', 'bob'] };
  assert.deepEqual(doors.commands, [{ type: 'push', door: 'http', system: 'sys', target, message }]);
});

test('send/toUids names the field that is wrong', async (t) => {
  const doors = await startDoors(t);
  const words = async (text: string) => JSON.parse((await doors.post('/send/toUids', text)).text).message;
  assert.equal(await words('{"uids":["a"]}'), 'message is required');
  assert.equal(await words('{"message":{}}'), 'uids is required');
  assert.equal(await words('{"message":{},"uids":[1]}'), 'uids must be an array of strings');
  assert.match(await words('{"message":{"title":1},"uids":[]}'), /^message\.title must be a string/);
});

test('send/sendList pushes each message to its own receiver', async (t) => {
  const result = { total: 2, matched: 1, delivered: 1, dropped: {}, missingNodes: [], offline: ['bob'] };
  const doors = await startDoors(t, { pushList: () => result });
  const answer = await doors.post('/send/sendList', `[${body},{"receiver":"bob"}]`);
  assert.equal(answer.text, success({ total: 2, delivered: 1, offline: ['bob'] }));
  const [command] = doors.commands;
  assert.ok(command?.type === 'pushList');
  assert.equal(command.system, 'sys');
  assert.deepEqual(command.items[0], { target: { to: 'users', uids: ['alice'] }, message });
  assert.deepEqual(command.items[1]?.target, { to: 'users', uids: ['bob'] });
});

test('send/sendList names the message that is wrong', async (t) => {
  const doors = await startDoors(t);
  const words = async (text: string) => JSON.parse((await doors.post('/send/sendList', text)).text).message;
  assert.match(await words(`[${body},{"action":"x"}]`), /^\[1\]\.receiver is required/);
  assert.match(await words(`[${body},{"receiver":5}]`), /^\[1\]\.receiver must be a string/);
  assert.match(await words('{}'), /array/);
  assert.deepEqual(doors.commands, []);
});

test('getOnlineUser lists bound connections by GET and by POST', async (t) => {
  const row = {
    cid: '5',
    clientId: 'c',
    node: 'n1',
    uid: 'alice',
    deviceId: 'd',
    deviceName: 'phone',
    channel: 'ios',
    boundAt: 1_700_000_000_000,
  };
  const doors = await startDoors(t, { listConnections: () => ({ items: [row], total: 7, cursor: 'more' }) });
  const list = [
    {
      uid: 'alice',
      sid: 'n1',
      cid: '5',
      channel: 'ios',
      deviceId: 'd',
      deviceName: 'phone',
      bindTime: 1_700_000_000_000,
    },
  ];
  const expected = success({ count: 7, list, cursor: 'more' });
  const headers = { systemid: 'sys' };
  assert.equal((await doors.ask('/getOnlineUser', { headers })).text, expected);
  assert.equal((await doors.ask('/getOnlineUser?uid=alice&limit=5&cursor=x', { headers })).text, expected);
  assert.equal((await doors.post('/getOnlineUser', '{"uid":"alice","limit":5,"cursor":"x"}')).text, expected);
  assert.equal((await doors.ask('/getOnlineUser', { method: 'POST', headers })).text, expected);
  const all = { system: 'sys', where: [{ field: 'uid', op: '!=', value: '' }] };
  const one = { system: 'sys', where: [{ field: 'uid', op: '=', value: 'alice' }], cursor: 'x', limit: 5 };
  const type = 'listConnections';
  assert.deepEqual(doors.commands, [
    { type, query: all },
    { type, query: one },
    { type, query: one },
    { type, query: all },
  ]);
});

test('getOnlineUser without a further page has a null cursor', async (t) => {
  const doors = await startDoors(t);
  assert.equal((await doors.ask('/getOnlineUser')).text, success({ count: 0, list: [], cursor: null }));
});

test('getOnlineUser refuses a limit that is none', async (t) => {
  const doors = await startDoors(t);
  for (const limit of ['0', '1001', 'x', '1.5']) {
    assert.equal((await doors.ask(`/getOnlineUser?limit=${limit}`)).status, 400, limit);
  }
  assert.equal((await doors.post('/getOnlineUser', '{"limit":"5"}')).status, 400);
  assert.equal((await doors.ask('/getOnlineUser?uid=a&uid=b')).status, 400);
  assert.deepEqual(doors.commands, []);
});

test('room/join and room/leave take users or connections, not both', async (t) => {
  const doors = await startDoors(t);
  const result = success({ matched: 1, changed: 1, unknown: [] });
  assert.equal((await doors.post('/room/join', '{"room":"r","uids":["a"]}')).text, result);
  assert.equal((await doors.post('/room/leave', '{"room":"r","cids":["5"]}')).text, result);
  assert.equal((await doors.post('/room/join', '{"room":"r","uids":["a"],"cids":["5"]}')).status, 400);
  assert.equal((await doors.post('/room/join', '{"room":"r"}')).status, 400);
  assert.equal((await doors.post('/room/join', '{"uids":["a"]}')).text, refusal(400, 'room is required'));
  assert.deepEqual(doors.commands, [
    { type: 'join', system: 'sys', group: 'r', members: { by: 'users', uids: ['a'] } },
    { type: 'leave', system: 'sys', group: 'r', members: { by: 'connections', ids: ['5'] } },
  ]);
});

test('without a SystemId the system is default, unless systems are required', async (t) => {
  const open = await startDoors(t);
  await open.post('/send/all', '{}', {});
  assert.equal(open.commands[0]?.type === 'push' && open.commands[0].system, 'default');
  const strict = await startDoors(t, {}, { systemsRequired: true });
  assert.equal((await strict.post('/send/all', '{}', {})).status, 400);
  assert.deepEqual(strict.commands, []);
});

test('an unknown system is 404', async (t) => {
  const doors = await startDoors(t);
  const answer = await doors.post('/send/all', '{}', { SystemId: 'other' });
  assert.equal(answer.status, 404);
  assert.match(answer.text, /^\{"code":404,"message":"no such system; .*","data":null\}$/);
});

test('a refused peer gets the status of its refusal in the family’s shape', async (t) => {
  for (const [code, status] of [
    ['forbidden', 403],
    ['unauthorized', 401],
  ] as const) {
    const doors = await startDoors(t, {}, { judge: () => ({ allowed: false, code, message: 'no', hint: 'do this' }) });
    const answer = await doors.post('/send', body);
    assert.equal(answer.status, status);
    assert.equal(answer.text, refusal(status, 'no; do this'));
    assert.equal(doors.refusals[0]?.error, code);
  }
});

test('a wrong method is 405 and names the right one', async (t) => {
  const doors = await startDoors(t);
  const answer = await doors.ask('/send/all', { method: 'PUT', body: '{}' });
  assert.equal(answer.status, 405);
  assert.equal(answer.headers['allow'], 'POST');
  assert.equal(JSON.parse(answer.text).code, 405);
  assert.equal((await doors.ask('/getOnlineUser', { method: 'DELETE' })).headers['allow'], 'GET, POST, HEAD');
});

test('a body that cannot be read is 400', async (t) => {
  const doors = await startDoors(t);
  for (const text of ['', '{', 'a=1', '[]']) {
    const answer = await doors.post('/send', text);
    assert.equal(answer.status, 400, text);
    assert.equal(JSON.parse(answer.text).code, 400);
  }
});

test('the demo accounts exist only under demo', async (t) => {
  const doors = await startDoors(t);
  assert.equal((await doors.post('/login', '{}')).status, 404);
  assert.equal((await doors.post('/login/register', '{}')).status, 404);
  assert.equal((await doors.ask('/login/getUserinfo')).status, 404);
});

test('a demo account is registered, logs in, and is told who it is', async (t) => {
  const doors = await startDoors(t, {}, { demo: true });
  const account = '{"username":"ann","password":"secret"}';
  assert.equal((await doors.post('/login/register', account)).text, success({ uid: '1', username: 'ann' }));
  assert.equal((await doors.post('/login/register', account)).text, refusal(400, 'username is taken'));
  const { token, ...rest } = JSON.parse((await doors.post('/login', account)).text).data;
  assert.deepEqual(rest, { uid: '1', username: 'ann' });
  const headers = { authorization: `Bearer ${token}` };
  const info = success({ uid: '1', username: 'ann' });
  assert.equal((await doors.ask('/login/getUserinfo', { headers })).text, info);
  assert.equal((await doors.ask(`/login/getUserinfo?token=${token}`)).text, info);
  assert.deepEqual(new Set(doors.judged), new Set(['login']));
});

test('a wrong password, an unknown name and a wrong token are 401', async (t) => {
  const doors = await startDoors(t, {}, { demo: true });
  await doors.post('/login/register', '{"username":"ann","password":"secret"}');
  const wrong = await doors.post('/login', '{"username":"ann","password":"Secret"}');
  const unknown = await doors.post('/login', '{"username":"bob","password":"secret"}');
  assert.equal(wrong.status, 401);
  assert.equal(wrong.text, unknown.text);
  assert.equal((await doors.ask('/login/getUserinfo?token=nope')).status, 401);
  assert.equal((await doors.ask('/login/getUserinfo')).status, 401);
});

test('a body that cannot be read is its sender’s mistake: nothing of it is logged as ours', async (t) => {
  const doors = await startDoors(t);
  for (const path of ['/send', '/send/all', '/send/toUids', '/send/sendList', '/room/join']) {
    for (const body of ['{"receiver":', 'x', '[', '"a"', '{"receiver":"a","content":{"a":}}']) {
      assert.equal((await doors.post(path, body)).status, 400, `${path} ${body}`);
    }
  }
  assert.deepEqual(doors.errors, []);
});
