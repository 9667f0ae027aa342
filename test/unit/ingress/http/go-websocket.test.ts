import assert from 'node:assert/strict';
import test from 'node:test';
import { YunqueError } from '../../../../src/api/errors.ts';
import { messageId, startDoors } from './harness.ts';

const clientId = 'pqjPM0GJUjlgryzMaslqBAzIknumcdgey1MN+ylWHqY=';
const push = { sendUserId: 'u9', code: 3, msg: 'hi', data: '{"n":1.0,"big":12345678901234567890}' };
const pushText = `"sendUserId":"u9","code":3,"msg":"hi","data":${push.data}`;
const message = { kind: 'push', messageId, ...push };
const success = (data: unknown) => JSON.stringify({ code: 0, msg: 'success', data });
const failure = (msg: string) => JSON.stringify({ code: -1, msg, data: [] });
const delivered =
  (unknown: string[] = []) =>
  () => ({ messageId, matched: 1, delivered: 1, unknown });

test('register adds the system and answers an empty list', async (t) => {
  const doors = await startDoors(t);
  const answer = await doors.ask('/api/register', { method: 'POST', body: '{"systemId":"shop"}' });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(answer.text, '{"code":0,"msg":"success","data":[]}');
  assert.deepEqual(doors.commands, [{ type: 'addSystem', system: 'shop' }]);
  assert.deepEqual(doors.judged, ['register']);
});

test('register says in the words of go-websocket that a system exists', async (t) => {
  const taken = () => {
    throw new YunqueError('system_exists', 'more exact', { hint: 'and a hint' });
  };
  const doors = await startDoors(t, { addSystem: taken });
  const answer = await doors.ask('/api/register', { method: 'POST', body: '{"systemId":"shop"}' });
  assert.equal(answer.text, failure('该系统ID已被注册'));
});

test('register without a systemId says in Chinese which field is required', async (t) => {
  const doors = await startDoors(t);
  for (const body of ['{}', '{"systemId":""}', '{"systemId":null}']) {
    const answer = await doors.ask('/api/register', { method: 'POST', body });
    assert.equal(answer.text, failure('systemId为必填字段'));
  }
  assert.deepEqual(doors.commands, []);
});

test('send_to_client pushes the body as it was written to one connection', async (t) => {
  const doors = await startDoors(t, { push: delivered() });
  const answer = await doors.post('/api/send_to_client', `{"clientId":"${clientId}",${pushText}}`);
  assert.equal(answer.text, success({ messageId }));
  const target = { to: 'connections', ids: [clientId] };
  assert.deepEqual(doors.commands, [{ type: 'push', door: 'http', system: 'sys', target, message }]);
  assert.deepEqual(doors.judged, ['push']);
});

test('send_to_client to a connection nobody holds says so, whatever the reason', async (t) => {
  const doors = await startDoors(t);
  for (const id of [clientId, 'garbage', '7']) {
    const answer = await doors.post('/api/send_to_client', `{"clientId":"${id}"}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.text, failure('客户端不存在'));
  }
  assert.deepEqual(doors.refusals, []);
});

test('everything but clientId may be absent or null, and is then empty', async (t) => {
  const doors = await startDoors(t, { push: delivered() });
  await doors.post('/api/send_to_client', '{"clientId":"a"}');
  await doors.post('/api/send_to_client', '{"clientId":"a","sendUserId":null,"code":null,"msg":null,"data":null}');
  const empty = { kind: 'push', messageId, sendUserId: '', code: 0, msg: '', data: 'null' };
  for (const command of doors.commands) assert.deepEqual(command.type === 'push' && command.message, empty);
});

test('send_to_clients pushes once to all and does not mind unknown ids', async (t) => {
  const doors = await startDoors(t);
  const answer = await doors.post('/api/send_to_clients', `{"clientIds":["a","b"],${pushText}}`);
  assert.equal(answer.text, success({ messageId }));
  const target = { to: 'connections', ids: ['a', 'b'] };
  assert.deepEqual(doors.commands, [{ type: 'push', door: 'http', system: 'sys', target, message }]);
});

test('send_to_group pushes to the group and succeeds without members', async (t) => {
  const doors = await startDoors(t);
  const answer = await doors.post('/api/send_to_group', `{"groupName":"room 1",${pushText}}`);
  assert.equal(answer.text, success({ messageId }));
  const target = { to: 'groups', groups: ['room 1'] };
  assert.deepEqual(doors.commands, [{ type: 'push', door: 'http', system: 'sys', target, message }]);
});

test('send_to_system pushes to everyone in the system', async (t) => {
  const doors = await startDoors(t);
  const answer = await doors.post('/api/send_to_system', `{${pushText}}`);
  assert.equal(answer.text, success({ messageId }));
  assert.deepEqual(doors.commands, [{ type: 'push', door: 'http', system: 'sys', target: { to: 'system' }, message }]);
});

test('bind_to_group joins one connection with its labels', async (t) => {
  const doors = await startDoors(t);
  const body = '{"clientId":"a","groupName":"g","userId":"u","extend":"x"}';
  assert.equal((await doors.post('/api/bind_to_group', body)).text, success([]));
  await doors.post('/api/bind_to_group', '{"clientId":"a","groupName":"g"}');
  const members = { by: 'connections', ids: ['a'] };
  assert.deepEqual(doors.commands, [
    { type: 'join', system: 'sys', group: 'g', members, userId: 'u', extend: 'x' },
    { type: 'join', system: 'sys', group: 'g', members, userId: '', extend: '' },
  ]);
});

test('unbind_from_group takes one connection out', async (t) => {
  const doors = await startDoors(t);
  const answer = await doors.post('/api/unbind_from_group', '{"clientId":"a","groupName":"g"}');
  assert.equal(answer.text, success([]));
  const members = { by: 'connections', ids: ['a'] };
  assert.deepEqual(doors.commands, [{ type: 'leave', system: 'sys', group: 'g', members }]);
});

test('binding, unbinding and closing a connection nobody holds says that it does not exist', async (t) => {
  const none = () => ({ matched: 0, changed: 0, unknown: ['a'] });
  const doors = await startDoors(t, { join: none, leave: none });
  for (const path of ['bind_to_group', 'unbind_from_group', 'close_client']) {
    const answer = await doors.post(`/api/${path}`, '{"clientId":"a","groupName":"g"}');
    assert.equal(answer.text, failure('客户端不存在'), path);
  }
});

test('a SystemId beyond ASCII is read as UTF-8, and never as another system whose name looks like its bytes', async (t) => {
  const asked: string[] = [];
  const doors = await startDoors(t, {}, { systemExists: async (system) => asked.push(system) > 0 });
  // As bytes: Node would write headers in the encoding of a body that is a string.
  const ask = async (path: string, systemId: Buffer) => {
    const headers = { SystemId: systemId.toString('latin1') };
    return (await doors.ask(path, { method: 'POST', headers, body: Buffer.from('{}') })).text;
  };
  await ask('/api/send_to_system', Buffer.from('系'));
  await ask('/send/all', Buffer.from('租户 1'));
  assert.deepEqual(asked, ['系', '租户 1']);
  assert.equal(await ask('/api/send_to_system', Buffer.from([0xe7])), failure('系统ID无效'));
  assert.equal(asked.length, 2);
});

test('get_online_list answers the clientIds of all members, and an empty list for an empty group', async (t) => {
  const lists = [['a', 'b', 'c'], []];
  const doors = await startDoors(t, { listClientIds: () => ({ clientIds: lists.shift() }) });
  const body = '{"groupName":"g","code":0,"msg":"","data":""}';
  assert.equal((await doors.post('/api/get_online_list', body)).text, success({ count: 3, list: ['a', 'b', 'c'] }));
  assert.equal((await doors.post('/api/get_online_list', body)).text, success({ count: 0, list: [] }));
  const command = { type: 'listClientIds', system: 'sys', group: 'g' };
  assert.deepEqual(doors.commands, [command, command]);
});

test('is_online answers for a connection or a user', async (t) => {
  const doors = await startDoors(t, {
    online: ({ ids, uids }) => ({ connections: ids ? { [ids[0] ?? '']: 1 } : {}, users: uids ? { u: 0 } : {} }),
  });
  assert.equal(
    (await doors.post('/api/is_online', '{"clientId":"a"}')).text,
    success({ online: true, connections: 1 }),
  );
  assert.equal((await doors.post('/api/is_online', '{"userId":"u"}')).text, success({ online: false, connections: 0 }));
  assert.equal((await doors.post('/api/is_online', '{}')).text, failure('clientId为必填字段'));
  assert.deepEqual(doors.commands, [
    { type: 'online', system: 'sys', ids: ['a'] },
    { type: 'online', system: 'sys', uids: ['u'] },
  ]);
});

test('close_client closes one connection and answers an empty object', async (t) => {
  const doors = await startDoors(t, { kick: () => ({ matched: 1, closed: 1 }) });
  assert.equal((await doors.post('/api/close_client', '{"clientId":"a"}')).text, success({}));
  assert.deepEqual(doors.commands, [{ type: 'kick', system: 'sys', target: { to: 'connections', ids: ['a'] } }]);
});

test('every endpoint but register insists on a SystemId, in any case of the header', async (t) => {
  const doors = await startDoors(t);
  for (const path of ['send_to_client', 'send_to_clients', 'send_to_group', 'send_to_system', 'bind_to_group']) {
    assert.equal((await doors.post(`/api/${path}`, '{}', {})).text, failure('系统ID不能为空'));
    assert.equal((await doors.post(`/api/${path}`, '{}', { systemid: '' })).text, failure('系统ID不能为空'));
    assert.equal((await doors.post(`/api/${path}`, '{}', { SYSTEMID: 'other' })).text, failure('系统ID无效'));
  }
  assert.equal((await doors.post('/api/send_to_system', '{}', { sYsTeMiD: 'sys' })).text, success({ messageId }));
  assert.equal(doors.commands.length, 1);
});

test('a required field that is missing is named', async (t) => {
  const doors = await startDoors(t);
  const missing = async (path: string, body: string) => (await doors.post(`/api/${path}`, body)).text;
  assert.equal(await missing('send_to_client', '{}'), failure('clientId为必填字段'));
  assert.equal(await missing('send_to_clients', '{}'), failure('clientIds为必填字段'));
  assert.equal(await missing('send_to_group', '{}'), failure('groupName为必填字段'));
  assert.equal(await missing('bind_to_group', '{"groupName":"g"}'), failure('clientId为必填字段'));
  assert.equal(await missing('bind_to_group', '{"clientId":"a"}'), failure('groupName为必填字段'));
  assert.equal(await missing('unbind_from_group', '{}'), failure('clientId为必填字段'));
  assert.equal(await missing('get_online_list', '{}'), failure('groupName为必填字段'));
  assert.equal(await missing('close_client', '{}'), failure('clientId为必填字段'));
  assert.deepEqual(doors.commands, []);
});

test('no type is turned into another', async (t) => {
  const doors = await startDoors(t);
  const cases: [path: string, body: string, words: RegExp][] = [
    ['send_to_client', '{"clientId":1}', /^clientId必须是字符串$/],
    ['send_to_clients', '{"clientIds":"a"}', /^clientIds必须是字符串数组$/],
    ['send_to_clients', '{"clientIds":["a",1]}', /^clientIds必须是字符串数组$/],
    ['send_to_client', '{"clientId":"a","code":"1"}', /code.*integer/],
    ['send_to_client', '{"clientId":"a","code":1.0}', /code.*integer/],
    ['send_to_client', '{"clientId":"a","code":1e2}', /code.*integer/],
    ['send_to_client', '{"clientId":"a","msg":true}', /msg.*string/],
    ['send_to_client', '{"clientId":"a","sendUserId":7}', /sendUserId.*string/],
  ];
  for (const [path, body, words] of cases) {
    const { code, msg, data } = JSON.parse((await doors.post(`/api/${path}`, body)).text);
    assert.equal(code, -1, body);
    assert.match(msg, words);
    assert.deepEqual(data, []);
  }
  assert.deepEqual(doors.commands, []);
});

test('a body that is no JSON object is answered 400 with nothing', async (t) => {
  const doors = await startDoors(t);
  for (const body of ['', '{', 'clientId=a', '[]', '"a"', '{"clientId":"a"} x', '\ufeff{}', "{'a':1}"]) {
    const answer = await doors.post('/api/send_to_client', body);
    assert.equal(answer.status, 400, body);
    assert.equal(answer.text, '');
  }
});

test('anything but POST is answered 405 with nothing', async (t) => {
  const doors = await startDoors(t);
  for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    const answer = await doors.ask('/api/send_to_client', { method, headers: { origin: 'https://evil.example' } });
    assert.equal(answer.status, 405, method);
    assert.equal(answer.text, '');
    assert.equal(answer.headers['allow'], 'POST');
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  }
});

test('the Content-Type of a body does not matter, not even one that is none', async (t) => {
  const doors = await startDoors(t);
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', ';;;', 'multipart/form-data']) {
    const answer = await doors.post('/api/send_to_group', '{"groupName":"g"}', {
      SystemId: 'sys',
      'content-type': type,
    });
    assert.equal(answer.text, success({ messageId }), type);
  }
});

test('a peer that may not push gets 403 with the option that would let it', async (t) => {
  const refuse = () =>
    ({ allowed: false, code: 'forbidden', message: 'not trusted', hint: 'set auth.trustedNetworks' }) as const;
  const doors = await startDoors(t, {}, { judge: refuse });
  const answer = await doors.post('/api/send_to_client', '{"clientId":"a"}');
  assert.equal(answer.status, 403);
  assert.equal(answer.text, failure('not trusted; set auth.trustedNetworks'));
  const what = 'POST /api/send_to_client';
  assert.deepEqual(doors.refusals, [{ error: 'forbidden', what, remoteAddress: '127.0.0.1' }]);
  assert.deepEqual(doors.commands, []);
});

test('a missing credential is 403 as well, as this family knows no 401', async (t) => {
  const refuse = () =>
    ({ allowed: false, code: 'unauthorized', message: 'a key is needed', hint: 'send one' }) as const;
  const doors = await startDoors(t, {}, { judge: refuse });
  assert.equal((await doors.post('/api/register', '{"systemId":"a"}')).status, 403);
});
