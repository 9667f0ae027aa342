import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { beforeMarker } from '../support/barrier.ts';
import { type Crowd, crowd, gather, type Name, names } from '../support/crowd.ts';
import { cimForm, type Form, protoForm, pushForm, type SentProto, type SentPush } from '../support/expected-forms.ts';
import { formOf, messageIdOf } from '../support/frame-form.ts';
import { post } from '../support/http-post.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { refusal } from '../support/refusal.ts';
import type { DialectName, Received } from '../support/ws-decode.ts';

const here = 'default';
const there = 'other';
let node: TestNode;
let mine: Crowd;
let theirs: Crowd;

before(async () => {
  node = await startTestNode({ set: ['groups.notices=false'] });
  await node.admin.addSystem(there);
  [mine, theirs] = await Promise.all([gather(node, here), gather(node, there)]);
  await heard();
});
after(() => node[Symbol.asyncDispose]());

const sentPush: SentPush = {
  sendUserId: 'u1',
  code: 7,
  msg: 'hi "云雀"',
  data: '{"price": 1.0, "big":9007199254740993}',
};
const pushJson = `"sendUserId":"u1","code":7,"msg":"hi \\"云雀\\"","data":${sentPush.data}`;
const sentProto: SentProto = {
  id: 748,
  action: 'chat',
  content: { text: '你好', n: '1.50' },
  sender: '1001',
  receiver: 'nobody',
  extra: { k: 'v' },
  title: 'a title',
  sendTime: 1_720_000_000_000,
  image: 'a.png',
};

/** What every client of both systems has got since it was asked last. */
async function heard(): Promise<Record<string, Received[]>> {
  const all = Object.fromEntries([...entries('', mine), ...entries('other ', theirs)]);
  return await beforeMarker(node, [here, there], all);
}

function entries(prefix: string, clients: Crowd) {
  return names.map((name) => [prefix + name, clients[name]] as const);
}

/** Exactly `receivers` of this system heard exactly `form`; nobody else heard anything. */
async function assertHeard(receivers: readonly Name[], form: (dialect: DialectName) => Form): Promise<void> {
  await assertHeardEach(Object.fromEntries(receivers.map((name) => [name, [form(crowd[name].dialect)]])));
}

async function assertHeardEach(expected: Readonly<Record<string, readonly Form[]>>): Promise<void> {
  const got = await heard();
  const forms = Object.fromEntries(
    Object.entries(got).map(([name, frames]) => [
      name,
      frames.map((frame) => formOf(crowd[lastWord(name)].dialect, frame)),
    ]),
  );
  const everybody = Object.fromEntries(Object.keys(got).map((name) => [name, expected[name] ?? []]));
  assert.deepEqual(forms, everybody);
}

function lastWord(name: string): Name {
  return name.split(' ').at(-1) as Name;
}

const alice = ['y1', 'c1', 's1'] as const;
const bob = ['y2', 'c2', 's2'] as const;
const carol = ['y3', 's3'] as const;
const red = ['j1', 'y1', 'c2', 's3'] as const;
const blue = ['j2', 'y1', 's2'] as const;
const green = ['y2', 'c2', 's2', 'c3'] as const;
const others = (...out: Name[]) => names.filter((name) => !out.includes(name));

interface Way {
  readonly target: () => Parameters<TestNode['admin']['send']>[0]['target'];
  readonly exclude?: () => NonNullable<Parameters<TestNode['admin']['send']>[0]['exclude']>;
  readonly to: readonly Name[];
  readonly offline?: readonly string[];
  readonly unknown?: () => readonly string[];
}

const urlSafe = (id: string) => Buffer.from(id, 'base64').toString('base64url');
const ids = (...wanted: Name[]) => wanted.map((name) => mine[name].clientId);

const ways: Readonly<Record<string, Way>> = {
  'a clientId': { target: () => ({ to: 'connections', ids: ids('j1') }), to: ['j1'], unknown: () => [] },
  'a clientId in base64url': {
    target: () => ({ to: 'connections', ids: [urlSafe(mine.j3.clientId)] }),
    to: ['j3'],
    unknown: () => [],
  },
  'a cid': { target: () => ({ to: 'connections', ids: [mine.c3.cid] }), to: ['c3'], unknown: () => [] },
  'several clients, one of them named twice, one by cid, and three that are not there': {
    target: () => ({
      to: 'connections',
      ids: [...ids('j1', 's3', 'j1'), mine.j1.cid, mine.y2.cid, theirs.j1.clientId, theirs.c1.cid, '12345'],
    }),
    to: ['j1', 's3', 'y2'],
    unknown: () => [theirs.j1.clientId, theirs.c1.cid, '12345'],
  },
  'a uid': { target: () => ({ to: 'users', uids: ['alice'] }), to: alice, offline: [] },
  'a uid nobody has': { target: () => ({ to: 'users', uids: ['mallory'] }), to: [], offline: ['mallory'] },
  'several uids, one twice, one offline': {
    target: () => ({ to: 'users', uids: ['bob', 'carol', 'bob', 'erin', '__proto__'] }),
    to: [...bob, ...carol],
    offline: ['erin', '__proto__'],
  },
  'a device': { target: () => ({ to: 'device', uid: 'alice', deviceId: 'a-phone' }), to: ['y1'], offline: [] },
  'a device with two tabs': {
    target: () => ({ to: 'device', uid: 'bob', deviceId: 'b-browser' }),
    to: ['y2', 's2'],
    offline: [],
  },
  'a device of somebody else': {
    target: () => ({ to: 'device', uid: 'bob', deviceId: 'a-phone' }),
    to: [],
    offline: ['bob'],
  },
  'connections of a user': {
    target: () => ({ to: 'userConnections', uids: ['alice'], ids: [mine.y1.cid, mine.s1.clientId, mine.y2.cid] }),
    to: ['y1', 's1'],
    unknown: () => [],
  },
  'a connection of a user in another system': {
    target: () => ({ to: 'userConnections', uids: ['alice'], ids: [theirs.y1.cid] }),
    to: [],
    unknown: () => [theirs.y1.cid],
  },
  'a group': { target: () => ({ to: 'groups', groups: ['red'] }), to: red },
  'a group that users joined': { target: () => ({ to: 'groups', groups: ['green'] }), to: green },
  'several groups, a member of two once': {
    target: () => ({ to: 'groups', groups: ['red', 'blue', 'nothing', 'red'] }),
    to: [...new Set([...red, ...blue])],
  },
  'a group nobody is in': { target: () => ({ to: 'groups', groups: ['nothing'] }), to: [] },
  'the system': { target: () => ({ to: 'system' }), to: names },
  'the system but some users': {
    target: () => ({ to: 'system' }),
    exclude: () => ({ uids: ['alice', 'erin'] }),
    to: others(...alice),
  },
  'the system but some connections': {
    target: () => ({ to: 'system' }),
    exclude: () => ({ ids: [mine.j1.clientId, mine.y2.cid, theirs.j2.clientId, 'nonsense'] }),
    to: others('j1', 'y2'),
  },
  'a group but one user and one connection': {
    target: () => ({ to: 'groups', groups: ['red'] }),
    exclude: () => ({ uids: ['bob'], ids: [mine.j1.clientId] }),
    to: ['y1', 's3'],
  },
  'a user but one connection': {
    target: () => ({ to: 'users', uids: ['alice'] }),
    exclude: () => ({ ids: [mine.c1.cid] }),
    to: ['y1', 's1'],
    offline: [],
  },
};

for (const [what, way] of Object.entries(ways)) {
  test(`admin: a push to ${what} reaches exactly them, in the form of each dialect`, async () => {
    const { data, ...push } = sentPush;
    const request = {
      target: way.target(),
      ...(way.exclude && { exclude: way.exclude() }),
      push: { ...push, data: null },
    };
    const receipt = await node.admin.send(request, data);
    assertReceipt(receipt, way);
    await assertHeard(way.to, (dialect) => pushForm(dialect, receipt.messageId, sentPush));
  });

  test(`admin: a MessageProto to ${what} reaches exactly them, in the form of each dialect`, async () => {
    const target = way.target();
    const exclude = way.exclude && { exclude: way.exclude() };
    const receipt = await node.admin.send({ system: here, target, ...exclude, message: sentProto });
    assertReceipt(receipt, way);
    await assertHeard(way.to, (dialect) => protoForm(dialect, receipt.messageId, sentProto));
  });
}

function assertReceipt(receipt: Awaited<ReturnType<TestNode['admin']['send']>>, way: Way): void {
  assert.match(receipt.messageId, /^[0-9a-f]{16}$/);
  assert.deepEqual(receipt, {
    messageId: receipt.messageId,
    matched: way.to.length,
    delivered: way.to.length,
    dropped: {},
    queued: 0,
    stored: 0,
    missingNodes: [],
    ...(way.offline && { offline: way.offline }),
    ...(way.unknown && { unknown: way.unknown() }),
  });
}

interface GoWay {
  readonly path: string;
  readonly body: () => string;
  readonly to: readonly Name[];
}

const quoted = (list: readonly string[]) => JSON.stringify(list);
const goWays: Readonly<Record<string, GoWay>> = {
  send_to_client: {
    path: '/api/send_to_client',
    body: () => `{"clientId":"${mine.y3.clientId}",${pushJson}}`,
    to: ['y3'],
  },
  'send_to_clients, some of them strangers': {
    path: '/api/send_to_clients',
    body: () => `{"clientIds":${quoted([...ids('j2', 'c1'), theirs.s2.clientId, 'nonsense'])},${pushJson}}`,
    to: ['j2', 'c1'],
  },
  'send_to_clients, all of them strangers': {
    path: '/api/send_to_clients',
    body: () => `{"clientIds":${quoted([theirs.s2.clientId])},${pushJson}}`,
    to: [],
  },
  send_to_group: { path: '/api/send_to_group', body: () => `{"groupName":"blue",${pushJson}}`, to: blue },
  'send_to_group, an empty one': { path: '/api/send_to_group', body: () => `{"groupName":"x",${pushJson}}`, to: [] },
  send_to_system: { path: '/api/send_to_system', body: () => `{${pushJson}}`, to: names },
};

for (const [what, { path, body, to }] of Object.entries(goWays)) {
  test(`go-websocket: ${what}`, async () => {
    const answer = await post(node, path, body(), here);
    const { messageId } = answer.body.data;
    assert.match(messageId, /^[0-9a-f]{16}$/);
    assert.deepEqual(answer, { status: 200, body: { code: 0, msg: 'success', data: { messageId } } });
    await assertHeard(to, (dialect) => pushForm(dialect, messageId, sentPush));
  });
}

const proto = (receiver: string) => ({ ...sentProto, receiver });

test('yunque-socket: /send reaches the connections of its receiver', async () => {
  const { status, body } = await post(node, '/send', proto('bob'));
  const { messageId } = body.data;
  assert.equal(status, 200);
  assert.deepEqual(body, { code: 200, message: 'success', data: { id: 748, messageId, matched: 3, delivered: 3 } });
  await assertHeard(bob, (dialect) => protoForm(dialect, messageId, proto('bob')));
});

test('yunque-socket: /send to somebody offline reaches nobody and says so', async () => {
  const { body } = await post(node, '/send', proto('erin'));
  assert.deepEqual([body.data.matched, body.data.delivered], [0, 0]);
  await assertHeard([], () => '');
});

test('yunque-socket: /send/all reaches everyone of the system', async () => {
  const { body } = await post(node, '/send/all', proto('ignored'));
  assert.deepEqual([body.data.matched, body.data.delivered], [12, 12]);
  await assertHeard(names, (dialect) => protoForm(dialect, body.data.messageId, proto('ignored')));
});

test('yunque-socket: /send/toUids reaches those users and names who is offline', async () => {
  const { body } = await post(node, '/send/toUids', { message: proto('x'), uids: ['carol', 'erin', 'dave'] });
  const { messageId } = body.data;
  assert.deepEqual(body.data, { id: 748, messageId, matched: 3, delivered: 3, offline: ['erin'] });
  await assertHeard([...carol, 'c3'], (dialect) => protoForm(dialect, messageId, proto('x')));
});

test('yunque-socket: /send/sendList gives each its own messages, in order', async () => {
  const list = [proto('alice'), { ...proto('bob'), id: 1 }, proto('erin'), { ...proto('alice'), id: 2 }];
  const { body } = await post(node, '/send/sendList', list);
  assert.deepEqual(body.data, { total: 4, delivered: 9, offline: ['erin'] });
  const toAlice = (dialect: DialectName) =>
    [proto('alice'), { ...proto('alice'), id: 2 }].map((m) => protoForm(dialect, '', m));
  const toBob = (dialect: DialectName) => [protoForm(dialect, '', { ...proto('bob'), id: 1 })];
  await assertHeardEach({
    ...Object.fromEntries(alice.map((name) => [name, toAlice(crowd[name].dialect)])),
    ...Object.fromEntries(bob.map((name) => [name, toBob(crowd[name].dialect)])),
  });
});

test('CIM: /api/message/send reaches the receiver in the form of each dialect', async () => {
  const query = 'sender=0&receiver=alice&action=2&title=t&content=%E4%BD%A0%E5%A5%BD&format=text&extra=e';
  const { status, body } = await post(node, `/api/message/send?${query}`, '');
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ['code', 'data']);
  const sent = { action: '2', content: '你好', sender: '0', receiver: 'alice', extra: 'e', title: 't', format: 'text' };
  await assertHeard(alice, (dialect) => cimForm(dialect, '', { id: body.data, ...sent }));
});

test('messageIds are unique and the same for all receivers of one message', async () => {
  for (let n = 0; n < 50; n += 1) await post(node, '/api/send_to_system', '{}', here);
  const got = await heard();
  const seen = (['j1', 'j2', 'j3'] as const).map((name) => (got[name] ?? []).map(messageIdOf));
  assert.equal(new Set(seen[0]).size, 50);
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
});

test('the same in the other system reaches its clients and none of ours', async () => {
  const { body } = await post(node, '/send', proto('alice'), there);
  assert.equal(body.data.delivered, 3);
  await assertHeardEach(
    Object.fromEntries(alice.map((name) => [`other ${name}`, [protoForm(crowd[name].dialect, '', proto('alice'))]])),
  );
  const receipt = await node.admin.send({
    system: there,
    target: { to: 'groups', groups: ['red'] },
    message: sentProto,
  });
  assert.equal(receipt.delivered, red.length);
  await assertHeardEach(
    Object.fromEntries(
      red.map((name) => [`other ${name}`, [protoForm(crowd[name].dialect, receipt.messageId, sentProto)]]),
    ),
  );
});

const gone = { code: -1, msg: '客户端不存在', data: [] };

test('a clientId of the other system is reached by no endpoint of go-websocket’s API', async () => {
  for (const stranger of [theirs.j1.clientId, theirs.y1.clientId, theirs.y1.cid, urlSafe(theirs.j1.clientId)]) {
    const of = { clientId: stranger };
    assert.deepEqual((await post(node, '/api/send_to_client', { ...of, data: 1 }, here)).body, gone);
    assert.deepEqual((await post(node, '/api/bind_to_group', { ...of, groupName: 'red' }, here)).body, gone);
    assert.deepEqual((await post(node, '/api/unbind_from_group', { ...of, groupName: 'red' }, here)).body, gone);
    assert.deepEqual((await post(node, '/api/close_client', of, here)).body, gone);
    const online = await post(node, '/api/is_online', of, here);
    assert.deepEqual(online.body.data, { online: false, connections: 0 });
  }
  const { body } = await post(node, '/api/get_online_list', { groupName: 'red' }, here);
  assert.deepEqual(new Set(body.data.list), new Set(red.map((name) => mine[name].clientId)));
  await assertNothingChanged();
});

test('nor by any endpoint of yunque-socket’s', async () => {
  const cids = [theirs.y1.cid, theirs.j1.clientId];
  for (const path of ['/room/join', '/room/leave']) {
    const { body } = await post(node, path, { room: 'red', cids });
    assert.deepEqual(body.data, { matched: 0, changed: 0, unknown: cids });
  }
  const { body } = await post(node, '/getOnlineUser', { uid: 'alice' });
  assert.deepEqual(
    body.data.list.map((row: { cid: string }) => row.cid).sort(),
    alice.map((name) => mine[name].cid).sort(),
  );
  await assertNothingChanged();
});

test('nor by the admin API, where it names a system', async () => {
  const stranger = theirs.y1.cid;
  assert.deepEqual(await node.admin.kickConnection(stranger), { matched: 0, closed: 0 });
  assert.deepEqual(await node.admin.join('red', { ids: [stranger] }), { matched: 0, changed: 0, unknown: [stranger] });
  assert.deepEqual(await node.admin.leave('red', { ids: [stranger] }), { matched: 0, changed: 0, unknown: [stranger] });
  await assert.rejects(node.admin.connection(stranger), refusal('unknown_client'));
  assert.equal((await node.admin.connections({ system: here })).total, names.length);
  assert.equal((await node.admin.users({ system: here })).total, 4);
  await assertNothingChanged();
});

test('a system that does not exist is refused by every family', async () => {
  const unknown = { code: -1, msg: '系统ID无效', data: [] };
  assert.deepEqual((await post(node, '/api/send_to_system', {}, 'nowhere')).body, unknown);
  assert.deepEqual((await post(node, '/api/send_to_system', {}, '$probe')).body, unknown);
  assert.deepEqual((await post(node, '/api/send_to_system', {})).body, { ...unknown, msg: '系统ID不能为空' });
  assert.equal((await post(node, '/send/all', proto('x'), '$probe')).status, 404);
  const push = { target: { to: 'system' }, push: {} } as const;
  await assert.rejects(node.admin.send({ ...push, system: 'nowhere' }), refusal('unknown_system'));
  await assert.rejects(node.admin.send({ ...push, system: '$probe' }), refusal('unknown_system'));
  await assertNothingChanged();
});

/** Nobody heard anything, everybody is still there and in their groups. */
async function assertNothingChanged(): Promise<void> {
  await assertHeardEach({});
  for (const system of [here, there]) {
    for (const [group, members] of Object.entries({ red, blue, green })) {
      assert.equal((await node.admin.group(group, { system })).members, members.length);
    }
    assert.equal((await node.admin.connections({ system })).total, names.length);
  }
}
