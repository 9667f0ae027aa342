import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startTestNode, type TestNode } from '../support/node.ts';
import { requireTool } from '../support/tool.ts';
import { join, type WsClient } from '../support/ws-clients.ts';

/**
 * Every endpoint of both HTTP families as a person at a shell calls it: plain `curl -d`, no Content-Type header. Answers
 * are compared as text, field by field and in order; what is pushed is seen by real clients.
 */
const run = promisify(execFile);
let node: TestNode;
let curlPath: string;
before(async () => {
  curlPath = await requireTool('curl', 'curl');
  node = await startTestNode({ set: ['demo=true'] });
});
after(() => node[Symbol.asyncDispose]());

interface CurlAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

async function curl(path: string, ...args: string[]): Promise<CurlAnswer> {
  const format = '\n%{http_code} %{content_type}';
  const { stdout } = await run(curlPath, ['-sS', '--noproxy', '*', '-w', format, ...args, node.url + path]);
  const end = stdout.lastIndexOf('\n');
  const [status = '', ...type] = stdout.slice(end + 1).split(' ');
  return { status: Number(status), type: type.join(' '), text: stdout.slice(0, end) };
}

/** A call of go-websocket's API that was understood, successful or not. */
async function api(path: string, body: string, system = 'shop'): Promise<string> {
  const answer = await curl(`/api/${path}`, '-H', `SystemId: ${system}`, '-d', body);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.type, 'application/json; charset=utf-8');
  return answer.text;
}

async function call(path: string, body: string): Promise<string> {
  const answer = await curl(path, '-H', 'SystemId: shop', '-d', body);
  assert.equal(answer.status, 200, answer.text);
  return answer.text;
}

const unknown = '{"code":-1,"msg":"客户端不存在","data":[]}';
const done = '{"code":0,"msg":"success","data":[]}';
const messageIdIn = (text: string): string => {
  const [, id] = /^\{"code":0,"msg":"success","data":\{"messageId":"([0-9a-f]{16})"\}\}$/.exec(text) ?? [];
  assert.ok(id, text);
  return id;
};
const pushBody = '"sendUserId":"u9","code":3,"msg":"你好","data":{"n":1.0,"big":12345678901234567890}';
const pushFrame = (id: string) => `{"messageId":"${id}",${pushBody}}`;
const received = async (client: WsClient, id: string) => {
  const frame = await client.message(({ messageId }) => messageId === id);
  return frame.raw.toString();
};

test('a system is registered once', async () => {
  assert.equal((await curl('/api/register', '-d', '{"systemId":"shop"}')).text, done);
  const again = await curl('/api/register', '-d', '{"systemId":"shop"}');
  assert.equal(again.text, '{"code":-1,"msg":"该系统ID已被注册","data":[]}');
  assert.equal((await curl('/api/register', '-d', '{}')).text, '{"code":-1,"msg":"systemId为必填字段","data":[]}');
});

test('the go-websocket family, from bind to close', async () => {
  const [a, b, c] = await Promise.all([
    join(node, 'json', { system: 'shop' }),
    join(node, 'json', { system: 'shop' }),
    join(node, 'json', { system: 'shop' }),
  ]);
  const foreign = await join(node, 'json');
  const asBody = (client: WsClient, more = '') => `{"clientId":"${client.clientId}"${more}}`;

  const one = messageIdIn(await api('send_to_client', asBody(a, `,${pushBody}`)));
  assert.equal(await received(a, one), pushFrame(one));
  const url = Buffer.from(a.clientId, 'base64').toString('base64url');
  await received(a, messageIdIn(await api('send_to_client', `{"clientId":"${url}"}`)));

  const two = messageIdIn(
    await api('send_to_clients', `{"clientIds":["${a.clientId}","${b.clientId}","x"],${pushBody}}`),
  );
  assert.equal(await received(a, two), pushFrame(two));
  assert.equal(await received(b, two), pushFrame(two));
  messageIdIn(await api('send_to_clients', '{"clientIds":["x"]}'));

  const bind = (client: WsClient) => asBody(client, ',"groupName":"大厅","userId":"u1","extend":"e"');
  assert.equal(await api('bind_to_group', bind(a)), done);
  assert.equal(await api('bind_to_group', bind(b)), done);
  const notice = await a.message(
    ({ code, data }) => code === 1001 && (data as { clientId: string }).clientId === b.clientId,
  );
  assert.deepEqual(notice.body['data'], { clientId: b.clientId, userId: 'u1', extend: 'e' });

  const three = messageIdIn(await api('send_to_group', `{"groupName":"大厅",${pushBody}}`));
  assert.equal(await received(a, three), pushFrame(three));
  assert.equal(await received(b, three), pushFrame(three));
  messageIdIn(await api('send_to_group', '{"groupName":"nobody"}'));

  const list = JSON.parse(await api('get_online_list', '{"groupName":"大厅","code":0,"msg":"","data":""}'));
  assert.deepEqual(Object.keys(list.data), ['count', 'list']);
  assert.equal(list.data.count, 2);
  assert.deepEqual(new Set(list.data.list), new Set([a.clientId, b.clientId]));
  const empty = '{"code":0,"msg":"success","data":{"count":0,"list":[]}}';
  assert.equal(await api('get_online_list', '{"groupName":"nobody"}'), empty);

  assert.equal(await api('unbind_from_group', asBody(b, ',"groupName":"大厅"')), done);
  await a.message(({ code }) => code === 1002);

  const four = messageIdIn(await api('send_to_system', `{${pushBody}}`));
  for (const client of [a, b, c]) assert.equal(await received(client, four), pushFrame(four));
  const got = c.messages.map((body) => body['messageId']);
  assert.deepEqual(got, [four], 'c was in no other target');

  const isOnline = '{"code":0,"msg":"success","data":{"online":true,"connections":1}}';
  const isOffline = '{"code":0,"msg":"success","data":{"online":false,"connections":0}}';
  assert.equal(await api('is_online', asBody(c)), isOnline);
  assert.equal(await api('close_client', asBody(c)), '{"code":0,"msg":"success","data":{}}');
  assert.equal((await c.closed).code, 4503);
  assert.equal(await api('is_online', asBody(c)), isOffline);

  for (const gone of [c, foreign]) {
    for (const path of ['send_to_client', 'bind_to_group', 'unbind_from_group', 'close_client']) {
      assert.equal(await api(path, asBody(gone, ',"groupName":"大厅"')), unknown, path);
    }
  }
  assert.equal(await api('is_online', asBody(foreign)), isOffline);
  assert.deepEqual(foreign.messages, []);
  await Promise.all([a, b, foreign].map((client) => client.close()));
});

test('the go-websocket family’s refusals', async () => {
  assert.equal(await api('send_to_client', '{}'), '{"code":-1,"msg":"clientId为必填字段","data":[]}');
  assert.equal(await api('send_to_client', '{"clientId":"pqjPM0GJUjlgryzMaslqBAzIknumcdgey1MN+ylWHqY="}'), unknown);
  const noSystem = await curl('/api/send_to_group', '-d', '{"groupName":"g"}');
  assert.equal(noSystem.text, '{"code":-1,"msg":"系统ID不能为空","data":[]}');
  assert.equal(await api('send_to_group', '{}', 'nobody'), '{"code":-1,"msg":"系统ID无效","data":[]}');
  assert.equal(await api('send_to_group', '{}', '$probe'), '{"code":-1,"msg":"系统ID无效","data":[]}');
  const unreadable = await curl('/api/send_to_group', '-H', 'systemid: shop', '-d', 'groupName=g');
  assert.deepEqual([unreadable.status, unreadable.text], [400, '']);
  const get = await curl('/api/send_to_group');
  assert.deepEqual([get.status, get.text], [405, '']);
  const proxied = await curl('/api/register', '-H', 'X-Forwarded-For: 1.2.3.4', '-d', '{"systemId":"x"}');
  assert.equal(proxied.status, 403);
  assert.match(proxied.text, /^\{"code":-1,"msg":".+","data":\[\]\}$/);
});

const proto =
  '{"id":748,"action":"chat","content":{"a":"1","b":{"c":1.0}},"sender":"s","receiver":"alice",' +
  '"extra":{"k":"v"},"title":"t","sendTime":1720000000000,"image":"i"}';
const protoFields = {
  id: '748',
  action: 'chat',
  content: { a: '1', b: '{"c":1.0}' },
  sender: 's',
  receiver: 'alice',
  extra: { k: 'v' },
  title: 't',
  sendTime: '1720000000000',
  image: 'i',
};

test('the yunque-socket family, with a user on two devices', async () => {
  const options = (uid: string, channel: string) => ({
    system: 'shop',
    bind: { uid, channel, deviceId: `${uid}-${channel}`, deviceName: `${uid}’s ${channel}` },
  });
  const [phone, web, bob] = await Promise.all([
    join(node, 'yunque', options('alice', 'ios')),
    join(node, 'yunque', options('alice', 'web')),
    join(node, 'yunque', options('bob', 'web')),
  ]);
  const receipt = (text: string, counts: string) => {
    const form = new RegExp(
      `^\\{"code":200,"message":"success","data":\\{"id":748,"messageId":"[0-9a-f]{16}",${counts}\\}\\}$`,
    );
    assert.match(text, form);
  };

  receipt(await call('/send', proto), '"matched":2,"delivered":2');
  for (const client of [phone, web]) assert.deepEqual((await client.message()).body, protoFields);
  assert.deepEqual(bob.messages, []);

  receipt(await call('/send/all', proto), '"matched":3,"delivered":3');
  for (const client of [phone, web, bob]) assert.deepEqual((await client.message()).body, protoFields);

  const toUids = await call('/send/toUids', `{"message":${proto},"uids":["bob","carol"]}`);
  receipt(toUids, '"matched":1,"delivered":1,"offline":\\["carol"\\]');
  assert.deepEqual((await bob.message()).body, protoFields);

  const listed = await call(
    '/send/sendList',
    `[${proto},{"receiver":"bob","id":"9007199254740993"},{"receiver":"carol"}]`,
  );
  assert.equal(listed, '{"code":200,"message":"success","data":{"total":3,"delivered":3,"offline":["carol"]}}');
  assert.equal((await bob.message()).body['id'], '9007199254740993');
  for (const client of [phone, web]) assert.deepEqual((await client.message()).body, protoFields);

  assert.match(await call('/send', '{"receiver":"carol"}'), /"id":0,.*"matched":0,"delivered":0/);

  const online = JSON.parse((await curl('/getOnlineUser?uid=alice', '-H', 'SystemId: shop')).text);
  assert.deepEqual(Object.keys(online.data), ['count', 'list', 'cursor']);
  assert.equal(online.data.count, 2);
  assert.equal(online.data.cursor, null);
  const [first] = online.data.list;
  assert.deepEqual(Object.keys(first), ['uid', 'sid', 'cid', 'channel', 'deviceId', 'deviceName', 'bindTime']);
  assert.deepEqual(new Set(online.data.list.map((row: { cid: string }) => row.cid)), new Set([phone.cid, web.cid]));
  assert.equal(first.sid, phone.sid);
  assert.ok(Math.abs(Date.now() - first.bindTime) < 60_000);
  const page = JSON.parse(await call('/getOnlineUser', '{"limit":2}'));
  assert.deepEqual([page.data.count, page.data.list.length], [3, 2]);
  const rest = JSON.parse(await call('/getOnlineUser', JSON.stringify({ limit: 2, cursor: page.data.cursor })));
  assert.deepEqual([rest.data.list.length, rest.data.cursor], [1, null]);

  const joined = await call('/room/join', '{"room":"r1","uids":["alice","carol"]}');
  assert.equal(joined, '{"code":200,"message":"success","data":{"matched":2,"changed":2,"unknown":["carol"]}}');
  const byCid = await call('/room/join', `{"room":"r1","cids":["${bob.cid}"]}`);
  assert.equal(byCid, '{"code":200,"message":"success","data":{"matched":1,"changed":1,"unknown":[]}}');
  const tablet = await join(node, 'yunque', options('dave', 'web'));
  messageIdIn(await api('send_to_group', '{"groupName":"r1","msg":"in the room"}'));
  const isPush = (body: Readonly<Record<string, unknown>>) => body['action'] === 'push';
  for (const client of [phone, web, bob]) await client.message(isPush);
  const left = await call('/room/leave', '{"room":"r1","uids":["alice"]}');
  assert.equal(left, '{"code":200,"message":"success","data":{"matched":2,"changed":2,"unknown":[]}}');
  assert.equal(JSON.parse(await api('get_online_list', '{"groupName":"r1"}')).data.count, 1);
  assert.deepEqual(tablet.messages, []);

  const userOnline = '{"code":0,"msg":"success","data":{"online":true,"connections":2}}';
  assert.equal(await api('is_online', '{"userId":"alice"}'), userOnline);
  await Promise.all([phone, web, bob, tablet].map((client) => client.close()));
});

test('the yunque-socket family’s refusals have the HTTP status in the same shape', async () => {
  const cases: [path: string, status: number, ...args: string[]][] = [
    ['/send', 400, '-d', '{"action":"x"}'],
    ['/send', 400, '-d', 'receiver=alice'],
    ['/send', 400, '-d', '{"receiver":"a","id":9007199254740993}'],
    ['/send/toUids', 400, '-d', '{"message":{},"uids":"alice"}'],
    ['/room/join', 400, '-d', '{"room":"r"}'],
    ['/send/all', 404, '-H', 'SystemId: nobody', '-d', '{}'],
    ['/send/all', 405],
    ['/send/all', 403, '-H', 'Origin: https://evil.example', '-d', '{}'],
    ['/getOnlineUser?limit=0', 400],
  ];
  for (const [path, status, ...args] of cases) {
    const answer = await curl(path, ...args);
    assert.equal(answer.status, status, `${path} ${args.join(' ')}: ${answer.text}`);
    const { code, message, data, ...more } = JSON.parse(answer.text);
    assert.deepEqual([code, data, more], [status, null, {}]);
    assert.notEqual(message, '');
  }
});

test('CIM’s call reaches a CIM client, its parameters in the query or in a form', async () => {
  const client = await join(node, 'cim', { bind: { uid: 'cindy', channel: 'web', deviceId: 'd' } });
  const query = 'sender=0&receiver=cindy&action=2&content=%E4%BD%A0%E5%A5%BD&title=t&format=f&extra=e';
  for (const answer of [
    await curl(`/api/message/send?${query}`, '-X', 'POST'),
    await curl('/api/message/send', '-d', query),
  ]) {
    assert.match(answer.text, /^\{"code":200,"data":\d{13}\}$/);
    const id = String(JSON.parse(answer.text).data);
    const expected = {
      action: '2',
      content: '你好',
      sender: '0',
      receiver: 'cindy',
      extra: 'e',
      title: 't',
      format: 'f',
    };
    assert.deepEqual((await client.message()).body, { id, ...expected, timestamp: id });
  }
  assert.equal((await curl('/api/message/send', '-d', 'sender=0')).status, 400);
  await client.close();
});

test('the demo accounts under --demo', async () => {
  const account = '{"username":"ann","password":"secret"}';
  const registered = await curl('/login/register', '-d', account);
  assert.equal(registered.text, '{"code":200,"message":"success","data":{"uid":"1","username":"ann"}}');
  const login = await curl('/login', '-d', account);
  const form = /^\{"code":200,"message":"success","data":\{"uid":"1","username":"ann","token":"([0-9a-f]{32})"\}\}$/;
  const [, token] = form.exec(login.text) ?? [];
  const info = await curl('/login/getUserinfo', '-H', `Authorization: Bearer ${token}`);
  assert.equal(info.text, '{"code":200,"message":"success","data":{"uid":"1","username":"ann"}}');
});

test('the probes say a word, and the metrics count what happened', async () => {
  assert.equal((await curl('/healthz')).text, 'ok');
  assert.equal((await curl('/readyz')).text, 'ok');
  assert.match((await curl('/metrics')).text, /^yunque_messages_in_total\{.*door="http".*\} [1-9]/m);
  assert.equal((await curl('/admin/v1/stats')).status, 401);
});
