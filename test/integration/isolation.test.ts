import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask } from '../support/http-request.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { createRandom, pick, pickOf } from '../support/random.ts';
import { Tenant, tenantNames } from '../support/tenant.ts';
import type { Fields } from '../support/ws-decode.ts';

/** One request as somebody of `mine` sends it; the ids in it may be of either system. */
interface Verb {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

type Draw = ReturnType<typeof createDraw>;

/** Ids and names at random: those of one's own, of the other, and of nobody. */
function createDraw(random: () => number, mine: Tenant, theirs: Tenant) {
  const refs = [...mine.secrets, ...theirs.secrets, ...theirs.secrets, 'nobody'] as unknown as [string, ...string[]];
  const some = <T>(one: () => T): T[] => Array.from({ length: 1 + pick(random, 3) }, one);
  const uid = () => pickOf(random, tenantNames.uids);
  const group = () => pickOf(random, tenantNames.groups);
  const ref = () => pickOf(random, refs);
  const device = () => pickOf(random, tenantNames.devices);
  const target = () =>
    pickOf<object>(random, [
      { to: 'connections', ids: some(ref) },
      { to: 'users', uids: some(uid) },
      { to: 'userConnections', uids: some(uid), ids: some(ref) },
      { to: 'device', uid: uid(), deviceId: device() },
      { to: 'groups', groups: some(group) },
      { to: 'system' },
    ]);
  return { uid, group, ref, some, target, oneOf: <T>(choices: readonly [T, ...T[]]) => pickOf(random, choices) };
}

const proto = (receiver: string) => ({ action: 'a', content: {}, sender: 's', receiver });
const push = { code: 0, msg: 'm', data: 1 };
const path = (text: string) => encodeURIComponent(text);

/** All verbs of the three families, as a backend with its system's own key may use them. */
const backendVerbs: readonly [(draw: Draw) => Verb, ...((draw: Draw) => Verb)[]] = [
  ({ ref }) => ({ method: 'POST', path: '/api/send_to_client', body: { clientId: ref(), ...push } }),
  ({ ref, some }) => ({ method: 'POST', path: '/api/send_to_clients', body: { clientIds: some(ref), ...push } }),
  ({ group }) => ({ method: 'POST', path: '/api/send_to_group', body: { groupName: group(), ...push } }),
  () => ({ method: 'POST', path: '/api/send_to_system', body: push }),
  ({ ref, group }) => ({ method: 'POST', path: '/api/bind_to_group', body: { clientId: ref(), groupName: group() } }),
  ({ ref, group }) => ({
    method: 'POST',
    path: '/api/unbind_from_group',
    body: { clientId: ref(), groupName: group() },
  }),
  ({ group }) => ({ method: 'POST', path: '/api/get_online_list', body: { groupName: group() } }),
  ({ ref, uid }) => ({ method: 'POST', path: '/api/is_online', body: { clientId: ref(), userId: uid() } }),
  ({ ref }) => ({ method: 'POST', path: '/api/close_client', body: { clientId: ref() } }),
  ({ uid }) => ({ method: 'POST', path: '/send', body: proto(uid()) }),
  ({ uid }) => ({ method: 'POST', path: '/send/all', body: proto(uid()) }),
  ({ uid, some }) => ({ method: 'POST', path: '/send/toUids', body: { uids: some(uid), message: proto('') } }),
  ({ uid, some }) => ({ method: 'POST', path: '/send/sendList', body: some(() => proto(uid())) }),
  () => ({ method: 'GET', path: '/getOnlineUser' }),
  ({ uid }) => ({ method: 'POST', path: '/getOnlineUser', body: { uid: uid() } }),
  ({ uid, group, some }) => ({ method: 'POST', path: '/room/join', body: { room: group(), uids: some(uid) } }),
  ({ ref, group, some }) => ({ method: 'POST', path: '/room/join', body: { room: group(), cids: some(ref) } }),
  ({ uid, group, some }) => ({ method: 'POST', path: '/room/leave', body: { room: group(), uids: some(uid) } }),
  ({ ref, group, some }) => ({ method: 'POST', path: '/room/leave', body: { room: group(), cids: some(ref) } }),
  ({ uid }) => ({ method: 'POST', path: `/api/message/send?action=a&sender=s&receiver=${path(uid())}` }),
];

/** All verbs of the admin API that name a system. */
const operatorVerbs: readonly [(draw: Draw, system: string) => Verb, ...((draw: Draw, system: string) => Verb)[]] = [
  ({ target }, system) => ({ method: 'POST', path: '/send', body: { system, target: target(), push } }),
  ({ target, uid, ref, some }, system) => ({
    method: 'POST',
    path: '/send',
    body: { system, target: target(), exclude: { uids: some(uid), ids: some(ref) }, message: proto('') },
  }),
  ({ target }, system) => ({ method: 'POST', path: '/send/preview', body: { system, target: target() } }),
  ({ ref }, system) => ({ method: 'GET', path: `/connections/${path(ref())}?system=${path(system)}` }),
  ({ ref }, system) => ({ method: 'DELETE', path: `/connections/${path(ref())}?system=${path(system)}` }),
  ({ uid }, system) => ({ method: 'GET', path: `/users/${path(uid())}?system=${path(system)}` }),
  ({ uid }, system) => ({ method: 'DELETE', path: `/users/${path(uid())}?system=${path(system)}` }),
  ({ uid, some }, system) => ({ method: 'POST', path: '/users/online', body: { system, uids: some(uid) } }),
  ({ uid }, system) => ({ method: 'POST', path: `/users/${path(uid())}/ban`, body: { system, forMs: 60_000 } }),
  ({ uid }, system) => ({ method: 'DELETE', path: `/users/${path(uid())}/ban?system=${path(system)}` }),
  ({ group }, system) => ({ method: 'GET', path: `/groups/${path(group())}?system=${path(system)}` }),
  ({ group }, system) => ({ method: 'GET', path: `/groups/${path(group())}/members?system=${path(system)}` }),
  ({ group }, system) => ({ method: 'DELETE', path: `/groups/${path(group())}?system=${path(system)}` }),
  ({ group, ref, some }, system) => ({
    method: 'POST',
    path: `/groups/${path(group())}/join`,
    body: { system, ids: some(ref) },
  }),
  ({ group, uid, some }, system) => ({
    method: 'POST',
    path: `/groups/${path(group())}/join`,
    body: { system, uids: some(uid) },
  }),
  ({ group, ref, some }, system) => ({
    method: 'POST',
    path: `/groups/${path(group())}/leave`,
    body: { system, ids: some(ref) },
  }),
  ({ oneOf }, system) => ({
    method: 'GET',
    path: `/${oneOf(['connections', 'users', 'groups', 'bans', 'keys'])}?system=${path(system)}`,
  }),
  (_, system) => ({ method: 'POST', path: '/keys', body: { owner: 'system', system, role: 'read' } }),
];

describe('two systems with the same names', () => {
  let node: TestNode;
  let tenants: readonly [Tenant, Tenant];
  before(async () => {
    node = await startTestNode();
    tenants = [new Tenant(node, 'a'), new Tenant(node, 'a:b')];
    for (const tenant of tenants) await tenant.settle();
  });
  after(() => node[Symbol.asyncDispose]());

  for (const [at, seed] of [
    [0, 63],
    [1, 64],
  ] as const) {
    test(`whatever is asked in ${at === 0 ? 'the one' : 'the other'}, nothing of the other changes, hears or is told (seed ${seed})`, async () => {
      const [mine, theirs] = at === 0 ? tenants : ([...tenants].reverse() as [Tenant, Tenant]);
      const random = createRandom(seed);
      const socketPath = node.node.operator.socketFile;
      const quiet = await theirs.look();
      const reached = new Set<number>();
      for (let step = 0; step < 300; step++) {
        await mine.restore();
        const draw = createDraw(random, mine, theirs);
        const byOperator = random() < 0.5;
        const verb = byOperator ? pickOf(random, operatorVerbs)(draw, mine.system) : pickOf(random, backendVerbs)(draw);
        const sent = { method: verb.method, body: verb.body && JSON.stringify(verb.body) };
        const { status, text } = byOperator
          ? await ask(0, `/admin/v1${verb.path}`, { ...sent, socketPath })
          : await ask(node.port, verb.path, { ...sent, headers: headersOf(mine, random) });
        const what = `step ${step}: ${JSON.stringify(verb)}: ${status} ${text}`;
        assert.ok(status === 200 || status === 404, what);
        reached.add(status);
        const named = `${decodeURIComponent(verb.path)} ${sent.body ?? ''}`;
        for (const secret of theirs.secrets) {
          if (!named.includes(secret)) assert.ok(!text.includes(`"${secret}"`), what);
        }
        assert.deepEqual(await theirs.look(), quiet, what);
      }
      assert.deepEqual(reached, new Set([200, 404]));
    });
  }

  test('a system’s key that names the other is refused by every family, and the name of a system is not bent', async () => {
    const [mine, theirs] = tenants;
    const before = await theirs.look();
    const random = createRandom(7);
    for (const verbOf of backendVerbs) {
      const { method, path: url, body } = verbOf(createDraw(random, mine, theirs));
      for (const SystemId of [theirs.system, 'A', 'a ', ' a:b', 'a%3Ab', '__proto__', 'default']) {
        const headers = { Authorization: `Bearer ${mine.key}`, SystemId };
        const { status, text } = await ask(node.port, url, { method, headers, body: body && JSON.stringify(body) });
        // HTTP takes the spaces around a header's value away.
        if (SystemId === 'a ') assert.equal(status, 200, url);
        else {
          assert.equal(status, 403, `${SystemId} ${url}`);
          assert.match(text, /the key is for another system/);
        }
      }
    }
    await mine.restore();
    assert.deepEqual(await theirs.look(), before);
  });

  test('"all" is one system: the key’s, else that of the SystemId header, else default', async () => {
    await node.admin.addSystem('open');
    const everywhere = [...tenants, new Tenant(node, 'open'), new Tenant(node, 'default')];
    for (const tenant of everywhere) await tenant.restore();
    for (const { key, system, clients } of everywhere) {
      const headers = {
        ...(key !== '' && { Authorization: `Bearer ${key}` }),
        ...(system === 'open' && { SystemId: 'open' }),
      };
      const body = JSON.stringify({ ...proto(''), action: `all of ${system}` });
      const { text } = await ask(node.port, '/send/all', { method: 'POST', headers, body });
      assert.deepEqual([system, JSON.parse(text).data.delivered], [system, clients.length]);
    }
    const wordsOf = ({ action, msg }: Fields) => String(action ?? msg);
    for (const { system, clients } of everywhere) {
      for (const client of clients) {
        await client.message((body) => wordsOf(body) === `all of ${system}`);
        assert.equal(client.messages.filter((body) => wordsOf(body).startsWith('all of ')).length, 1, system);
      }
    }
  });

  test('removing the one closes its clients, and its key and its users are nothing in the other', async () => {
    const [mine, theirs] = tenants;
    const before = await theirs.look();
    await node.admin.removeSystem(mine.system);
    for (const client of mine.clients) assert.equal((await client.closed).code, 4507);
    const headers = { Authorization: `Bearer ${mine.key}`, SystemId: theirs.system };
    assert.equal((await ask(node.port, '/getOnlineUser', { headers })).status, 401);
    assert.deepEqual(await theirs.look(), before);
  });
});

/** With the key alone, or naming its system as well. */
function headersOf({ key, system }: Tenant, random: () => number): Record<string, string> {
  const headers = { Authorization: `Bearer ${key}` };
  return random() < 0.5 ? headers : { ...headers, SystemId: system };
}
