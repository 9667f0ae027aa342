import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { beforeMarker } from '../support/barrier.ts';
import { eventually } from '../support/eventually.ts';
import { type Form, noticeForm, type SentNotice } from '../support/expected-forms.ts';
import { formOf } from '../support/frame-form.ts';
import { post } from '../support/http-post.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { refusal } from '../support/refusal.ts';
import { join, type WsClient } from '../support/ws-clients.ts';
import { type DialectName, dialectNames } from '../support/ws-decode.ts';

let node: TestNode;
before(async () => {
  node = await startTestNode({ set: ['limits.groupsPerConnection=3'] });
  await node.admin.addSystem('other');
});
after(() => node[Symbol.asyncDispose]());

/** One client of each dialect, and `watcher`, which belongs to the same system and to no group. */
type Cast = Record<DialectName | 'watcher', WsClient>;
let cast: Cast;
let round = 0;

beforeEach(async () => {
  round += 1;
  const entries = dialectNames.map(async (dialect) => [dialect, await known(dialect, `${dialect}-${round}`)] as const);
  cast = Object.fromEntries([
    ...(await Promise.all(entries)),
    ['watcher', await known('yunque', `watcher-${round}`)],
  ]) as Cast;
});
afterEach(async () => {
  await Promise.all(Object.values(cast).map((client) => client.close()));
  await eventually('no group outlives its members', async () => (await node.admin.groups()).total === 0);
});

/** A client whose clientId is known. */
async function known(dialect: DialectName, uid: string, channel = 'web', deviceId = 'd'): Promise<WsClient> {
  const client = await join(node, dialect, { bind: { uid, channel, deviceId } });
  const row = await node.admin.connection(client.ref);
  client.clientId = row.clientId;
  client.cid = row.cid;
  return client;
}

const success = { code: 0, msg: 'success', data: [] };

async function bindToGroup(client: WsClient, groupName: string, labels: object = {}) {
  const { body } = await post(
    node,
    '/api/bind_to_group',
    { clientId: client.clientId, groupName, ...labels },
    'default',
  );
  return body;
}

async function unbindFromGroup(client: WsClient, groupName: string) {
  const { body } = await post(node, '/api/unbind_from_group', { clientId: client.clientId, groupName }, 'default');
  return body;
}

/** Exactly these notices came, to exactly these; `json` ones are compared byte for byte but for their messageId. */
async function assertNotices(
  expected: Partial<Record<string, readonly SentNotice[]>>,
  clients: Record<string, WsClient> = cast,
) {
  const got = await beforeMarker(node, ['default'], clients);
  for (const [name, client] of Object.entries(clients)) {
    const frames = got[name] ?? [];
    const forms = frames.map((frame) => formOf(client.dialect, frame));
    const wanted = (expected[name] ?? []).map((notice, at): Form => {
      return noticeForm(client.dialect, String(frames[at]?.body['messageId']), notice);
    });
    assert.deepEqual(forms, wanted, name);
  }
}

const online = ({ clientId }: WsClient, userId = '', extend = ''): SentNotice => ({
  code: 1001,
  clientId,
  userId,
  extend,
});
const offline = ({ clientId }: WsClient, userId = '', extend = ''): SentNotice => ({
  ...online({ clientId } as WsClient, userId, extend),
  code: 1002,
});

test('every member, the joiner included, hears 1001 with the labels, in the form of its dialect', async () => {
  const labels = { userId: 'u "1"', extend: '{"vip":true}' };
  for (const dialect of dialectNames) assert.deepEqual(await bindToGroup(cast[dialect], 'g', labels), success);
  const all = dialectNames.map((dialect) => online(cast[dialect], labels.userId, labels.extend));
  await assertNotices({ json: all, yunque: all.slice(1), cim: all.slice(2), 'cim-json': all.slice(3) });
  const { items } = await node.admin.members('g');
  assert.deepEqual(new Set(items.map((row) => [row.clientId, row.userId, row.extend].join())).size, 4);
  assert.ok(items.every((row) => row.userId === labels.userId && row.extend === labels.extend));
});

test('a label is no identity: /send does not reach it', async () => {
  await bindToGroup(cast.json, 'g', { userId: 'labelled' });
  const { body } = await post(node, '/send', { receiver: 'labelled', action: 'x' });
  assert.equal(body.data.matched, 0);
  assert.deepEqual((await post(node, '/api/is_online', { userId: 'labelled' }, 'default')).body.data, {
    online: false,
    connections: 0,
  });
});

test('binding again changes nothing, labels included, and tells nobody', async () => {
  await bindToGroup(cast.json, 'g', { userId: 'first' });
  await bindToGroup(cast.yunque, 'g');
  await assertNotices({ json: [online(cast.json, 'first'), online(cast.yunque)], yunque: [online(cast.yunque)] });
  assert.deepEqual(await bindToGroup(cast.json, 'g', { userId: 'second' }), success);
  assert.deepEqual(await node.admin.join('g', { ids: [cast.json.cid] }), { matched: 1, changed: 0, unknown: [] });
  await assertNotices({});
  const list = await post(node, '/api/get_online_list', { groupName: 'g' }, 'default');
  assert.deepEqual(list.body.data, { count: 2, list: [cast.json.clientId, cast.yunque.clientId].sort(byCid) });
  const { items } = await node.admin.members('g', { where: [{ field: 'cid', op: '=', value: cast.json.cid }] });
  assert.equal(items[0]?.userId, 'first');
});

test('whoever leaves hears nothing of it, the others hear 1002', async () => {
  for (const dialect of dialectNames) await bindToGroup(cast[dialect], 'g', { userId: dialect, extend: 'e' });
  await beforeMarker(node, ['default'], cast);
  assert.deepEqual(await unbindFromGroup(cast.cim, 'g'), success);
  const left = [offline(cast.cim, 'cim', 'e')];
  await assertNotices({ json: left, yunque: left, 'cim-json': left });
  assert.deepEqual(await unbindFromGroup(cast.cim, 'g'), success);
  await assertNotices({});
  assert.equal((await node.admin.group('g')).members, 3);
});

test('a member whose connection ends leaves its groups: 1002 in each', async () => {
  const brief = await known('yunque', `brief-${round}`);
  await bindToGroup(cast.json, 'one');
  await bindToGroup(cast.cim, 'two');
  await bindToGroup(brief, 'one', { userId: 'b1' });
  await bindToGroup(brief, 'two', { userId: 'b2' });
  await beforeMarker(node, ['default'], cast);
  await brief.close();
  await cast.json.message(({ code }) => code === 1002);
  const seen = cast.json.messages.at(-1);
  assert.deepEqual(seen?.['data'], { clientId: brief.clientId, userId: 'b1', extend: '' });
  await assertNotices({ cim: [offline(brief, 'b2')] });
});

test('a connection cut off without a word leaves its groups too', async () => {
  const brief = await known('cim', `brief-${round}`);
  await bindToGroup(cast.json, 'g');
  await bindToGroup(brief, 'g', { userId: 'cut' });
  brief.ws.terminate();
  await cast.json.message(({ code, data }) => code === 1002 && (data as { userId: string }).userId === 'cut');
});

test('a kicked member leaves its groups', async () => {
  const brief = await known('cim', `brief-${round}`);
  await bindToGroup(cast.json, 'g');
  await bindToGroup(brief, 'g');
  await node.admin.kickConnection(brief.cid);
  await cast.json.message(
    ({ code, data }) => code === 1002 && (data as { clientId: string }).clientId === brief.clientId,
  );
  await brief.closed;
});

test('a clientId nobody has is refused, and the group does not come to be', async () => {
  const gone = { code: -1, msg: '客户端不存在', data: [] };
  const stranger = Buffer.alloc(32, 7).toString('base64');
  assert.deepEqual(
    (await post(node, '/api/bind_to_group', { clientId: stranger, groupName: 'g' }, 'default')).body,
    gone,
  );
  assert.deepEqual((await node.admin.join('g', { ids: [stranger] })).unknown, [stranger]);
  assert.equal((await node.admin.groups()).total, 0);
});

test('rooms and groups are one thing', async () => {
  const { body } = await post(node, '/room/join', { room: 'g', cids: [cast.yunque.cid, cast.json.clientId, '77'] });
  assert.deepEqual(body.data, { matched: 2, changed: 2, unknown: ['77'] });
  const list = await post(node, '/api/get_online_list', { groupName: 'g' }, 'default');
  assert.deepEqual(new Set(list.body.data.list), new Set([cast.yunque.clientId, cast.json.clientId]));
  const left = await post(node, '/room/leave', { room: 'g', cids: [cast.yunque.cid] });
  assert.deepEqual(left.body.data, { matched: 1, changed: 1, unknown: [] });
  assert.equal((await node.admin.group('g')).members, 1);
});

test('a room joined as a user has all connections of the user, the later ones too, each announced', async () => {
  const uid = `cim-${round}`;
  await bindToGroup(cast.json, 'room');
  const joined = await post(node, '/room/join', { room: 'room', uids: [uid, 'offline'] });
  assert.deepEqual(joined.body.data, { matched: 1, changed: 1, unknown: ['offline'] });
  const phone = await known('yunque', uid, 'ios', 'phone');
  const more = { ...cast, phone };
  await assertNotices(
    {
      json: [online(cast.json), online(cast.cim), online(phone)],
      cim: [online(cast.cim), online(phone)],
      phone: [online(phone)],
    },
    more,
  );
  const receipt = await node.admin.send({ target: { to: 'groups', groups: ['room'] }, push: { msg: 'x' } });
  assert.equal(receipt.delivered, 3);
  await beforeMarker(node, ['default'], more);

  const left = await post(node, '/room/leave', { room: 'room', uids: [uid] });
  assert.deepEqual(left.body.data, { matched: 2, changed: 2, unknown: [] });
  const got = await beforeMarker(node, ['default'], more);
  assert.equal(got['json']?.length, 2);
  assert.deepEqual(got['watcher'], []);
  const tablet = await known('cim-json', uid, 'web', 'd');
  assert.equal((await node.admin.group('room')).members, 1);
  await Promise.all([phone.close(), tablet.close()]);
});

test('a user that comes back after its last connection has gone is in no room', async () => {
  const brief = await known('yunque', 'comes-back');
  await node.admin.join('room', { uids: ['comes-back'] });
  await brief.close();
  await eventually('it is offline', async () => (await node.admin.online(['comes-back'])).users['comes-back'] === 0);
  const again = await known('yunque', 'comes-back');
  assert.equal((await node.admin.groups()).total, 0);
  await again.close();
});

test('one connection of a user may leave a room the user has joined', async () => {
  const uid = `yunque-${round}`;
  const phone = await known('cim', uid, 'android', 'phone');
  await node.admin.join('room', { uids: [uid] });
  assert.deepEqual(await node.admin.leave('room', { ids: [phone.cid] }), { matched: 1, changed: 1, unknown: [] });
  assert.equal((await node.admin.group('room')).members, 1);
  await phone.close();
});

test('removing a group takes everybody out, users too, and tells nobody', async () => {
  const uid = `cim-${round}`;
  await bindToGroup(cast.json, 'room');
  await node.admin.join('room', { uids: [uid] });
  await beforeMarker(node, ['default'], cast);
  assert.deepEqual(await node.admin.removeGroup('room'), { removed: 2 });
  await assertNotices({});
  await assert.rejects(node.admin.group('room'), refusal('unknown_group'));
  const phone = await known('yunque', uid, 'ios', 'phone');
  assert.equal((await node.admin.groups()).total, 0);
  assert.deepEqual(await node.admin.removeGroup('room'), { removed: 0 });
  await phone.close();
});

test('the same group name of another system has other members', async () => {
  const stranger = await join(node, 'json', { system: 'other' });
  await post(node, '/api/bind_to_group', { clientId: stranger.clientId, groupName: 'g' }, 'other');
  await bindToGroup(cast.json, 'g');
  assert.deepEqual((await post(node, '/api/get_online_list', { groupName: 'g' }, 'other')).body.data.list, [
    stranger.clientId,
  ]);
  assert.deepEqual(await node.admin.removeGroup('g'), { removed: 1 });
  assert.equal((await node.admin.group('g', { system: 'other' })).members, 1);
  await stranger.close();
});

test('a connection may be in as many groups as the limit says, and not in one more', async () => {
  for (const group of ['g1', 'g2', 'g3']) assert.deepEqual(await bindToGroup(cast.json, group), success);
  const refused = await bindToGroup(cast.json, 'g4');
  assert.equal(refused.code, -1);
  await assert.rejects(node.admin.join('g4', { ids: [cast.yunque.cid, cast.json.cid] }), refusal('limit_reached'));
  assert.deepEqual(await bindToGroup(cast.json, 'g3'), success);
  assert.equal((await node.admin.groups()).total, 3);
  await unbindFromGroup(cast.json, 'g1');
  assert.deepEqual(await bindToGroup(cast.json, 'g4'), success);
});

test('names are taken as they are', async () => {
  for (const group of ['__proto__', 'a/b?c#d', '组 1', '"', 'x'.repeat(256)]) {
    assert.deepEqual(await bindToGroup(cast.yunque, group), success);
    assert.equal((await node.admin.group(group)).group, group);
    assert.deepEqual((await node.admin.connection(cast.yunque.cid)).groups, [group]);
    await unbindFromGroup(cast.yunque, group);
  }
});

test('the members of a large group come in pages, each once', async () => {
  const clients = await Promise.all(Array.from({ length: 25 }, () => join(node, 'json')));
  await node.admin.join('large', { ids: clients.map((client) => client.clientId) });
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await node.admin.members('large', { limit: 10, ...(cursor !== undefined && { cursor }) });
    assert.equal(page.total, 25);
    seen.push(...page.items.map((row) => row.clientId));
    cursor = page.cursor;
  } while (cursor !== undefined);
  assert.deepEqual(seen.sort(), clients.map((client) => client.clientId).sort());
  await Promise.all(clients.map((client) => client.close()));
});

test('with groups.notices off members come and go without a word', async () => {
  await using quiet = await startTestNode({ set: ['groups.notices=false'] });
  const [a, b] = [await join(quiet, 'json'), await join(quiet, 'json')];
  await quiet.admin.join('g', { ids: [a.clientId, b.clientId] });
  await quiet.admin.leave('g', { ids: [b.clientId] });
  assert.deepEqual(await beforeMarker(quiet, ['default'], { a, b }), { a: [], b: [] });
});

/** Lists come in the order of cids. */
function byCid(a: string, b: string): number {
  const cidOf = (id: string) => Number(Object.values(cast).find((client) => client.clientId === id)?.cid);
  return cidOf(a) - cidOf(b);
}

test('a member that is kicked gets first what its group held for it, and a member that only leaves does, too', async () => {
  await using waiting = await startTestNode({ set: ['groups.flushDelay=10s', 'groups.notices=false'] });
  const [kicked, leaving] = await Promise.all([join(waiting, 'json'), join(waiting, 'json')]);
  await waiting.admin.join('held', { ids: [kicked.clientId, leaving.clientId] });
  const { queued } = await waiting.admin.send({
    target: { to: 'groups', groups: ['held'] },
    push: { msg: 'last words' },
  });
  assert.equal(queued, 2);
  await waiting.admin.kickConnection(kicked.clientId);
  assert.equal((await kicked.closed).code, 4503);
  await waiting.admin.leave('held', { ids: [leaving.clientId] });
  await eventually('it has come', () => leaving.messages.length === 1);
  assert.deepEqual(
    [kicked, leaving].map(({ messages }) => messages.map(({ msg }) => msg)),
    [['last words'], ['last words']],
  );
});
