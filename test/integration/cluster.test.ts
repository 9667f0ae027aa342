import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { MemberInfo } from '../../src/directory/leases.ts';
import { serversFor, startCluster, type TestCluster } from '../support/cluster-process.ts';
import { eventually } from '../support/eventually.ts';
import { connectRedis } from '../support/redis-client.ts';

const push = (msg: string) => ({ push: { msg } });

/** One cluster for all tests of a suite; each takes names of its own. */
function scopeOfSuite() {
  const endings: (() => unknown)[] = [];
  after(async () => {
    for (const end of endings.reverse()) await end();
  });
  return { after: (end: () => unknown) => void endings.push(end) };
}

for (const bus of ['redis', 'rabbitmq', 'kafka', 'rpc'] as const) {
  describe(`three nodes over ${bus}`, () => {
    const scope = scopeOfSuite();
    let cluster: TestCluster;
    let redisPort = 0;
    before(async () => {
      const { redis, env } = await serversFor(scope, bus);
      redisPort = redis.port;
      cluster = await startCluster(scope, { redis, bus, env, nodes: 3 });
    });

    test('a user, a connection, a device, a group and everyone are reached from every node, wherever they are', async () => {
      const alice = await cluster.node(0).join('yunque', { bind: { uid: 'alice', channel: 'web', deviceId: 'd1' } });
      const bob = await cluster.node(1).join('json');
      await cluster.node(2).admin.join('everywhere', { ids: [bob.clientId, alice.cid] });
      for (const { admin, id } of cluster.nodes) {
        const users = await admin.send({ target: { to: 'users', uids: ['alice', 'nobody'] }, ...push(`user ${id}`) });
        assert.deepEqual([users.matched, users.delivered, users.offline], [1, 1, ['nobody']], id);
        const device = { to: 'device', uid: 'alice', deviceId: 'd1' } as const;
        assert.equal((await admin.send({ target: device, ...push(`device ${id}`) })).delivered, 1);
        const connection = { to: 'connections', ids: [bob.clientId] } as const;
        assert.equal((await admin.send({ target: connection, ...push(`connection ${id}`) })).delivered, 1);
        const group = { to: 'groups', groups: ['everywhere'] } as const;
        const receipt = await admin.send({ target: group, ...push(`group ${id}`) });
        assert.deepEqual([receipt.matched, receipt.delivered, receipt.missingNodes], [2, 2, []]);
        const all = await admin.send({ target: { to: 'system' }, ...push(`all ${id}`) });
        assert.deepEqual([all.matched, all.delivered, all.missingNodes], [2, 2, []]);
      }
      for (const { id } of cluster.nodes) {
        for (const what of ['connection', 'group', 'all']) await bob.message(({ msg }) => msg === `${what} ${id}`);
      }
      const pushes = () => alice.messages.filter(({ action }) => action === 'push');
      await eventually('all of them came to the user', () => pushes().length === 12);
      await Promise.all([alice.close(), bob.close()]);
    });

    test('both HTTP families answer the same from every node', async () => {
      const carol = await cluster.node(1).join('yunque', { bind: { uid: 'carol', channel: 'web', deviceId: 'd' } });
      const json = await cluster.node(2).join('json');
      await cluster.node(0).post('/api/bind_to_group', { clientId: json.clientId, groupName: 'family', userId: 'j' });
      for (const node of cluster.nodes) {
        const sent = await node.post('/send', { receiver: 'carol', action: node.id });
        assert.equal((sent.body['data'] as { delivered: number }).delivered, 1);
        await carol.message(({ action }) => action === node.id);
        const online = await node.post('/api/get_online_list', { groupName: 'family' });
        assert.deepEqual(online.body['data'], { count: 1, list: [json.clientId] });
        const is = await node.post('/api/is_online', { userId: 'carol' });
        assert.equal((is.body['data'] as { online: boolean }).online, true);
        const there = await node.post('/getOnlineUser', { uid: 'carol' });
        const { list } = there.body['data'] as { list: readonly { sid: string; cid: string }[] };
        assert.deepEqual(
          list.map(({ sid, cid }) => [sid, cid]),
          [[cluster.node(1).id, carol.cid]],
        );
        const stranger = await node.post('/api/send_to_client', { clientId: json.clientId.replace(/^../, 'zz') });
        assert.deepEqual([stranger.body['code'], stranger.body['msg']], [-1, '客户端不存在']);
      }
      await Promise.all([carol.close(), json.close()]);
    });

    test('lists, counts and kicks are the same from every node', async () => {
      const clients = await cluster.clients('yunque', 9);
      for (const { admin } of cluster.nodes) {
        const listed = await admin.connections({ limit: 100 });
        assert.deepEqual([listed.total, new Set(listed.items.map(({ node }) => node)).size], [9, 3]);
        assert.equal((await admin.users({ limit: 100 })).items.length, 9);
        const stats = await admin.stats();
        assert.deepEqual([stats.nodes.length, stats.missingNodes, stats.totals.users], [3, [], 9]);
        // A busy machine runs late, which says nothing of the cluster.
        assert.deepEqual(
          stats.health.reasons.filter((reason) => !reason.includes('event loop')),
          [],
        );
      }
      for (const [at, client] of clients.entries()) {
        const kicked = await cluster.node((at + 1) % 3).admin.kickConnection(client.cid);
        assert.deepEqual(kicked, { matched: 1, closed: 1 });
        assert.equal((await client.closed).code, 4503);
      }
    });

    test('a login replaces the one on another node: never both, never neither', async () => {
      const bind = { uid: 'dora', channel: 'android', deviceId: 'phone' };
      let before = await cluster.node(0).join('yunque', { bind });
      for (let n = 1; n <= 6; n += 1) {
        const next = await cluster.node(n % 3).join('yunque', { bind });
        assert.equal((await before.closed).code, 4005);
        for (const { admin } of cluster.nodes) {
          const { items } = await admin.connections({ limit: 100 });
          assert.deepEqual(
            items.filter(({ uid }) => uid === 'dora').map(({ cid }) => cid),
            [next.cid],
          );
        }
        before = next;
      }
      const binds = cluster.nodes.map((node, at) =>
        node.join('yunque', { bind: { ...bind, channel: 'ios', deviceId: `d${at}` } }).catch(() => undefined),
      );
      await Promise.all(binds);
      await eventually('one of those that came at once is left', async () => {
        const { items } = await cluster.node(0).admin.connections({ limit: 100 });
        return items.filter(({ uid }) => uid === 'dora').length === 1;
      });
      await cluster.node(1).admin.kickUser('dora');
    });

    test('members on all nodes hear who comes and goes, once', async () => {
      const members = await Promise.all([0, 1, 2].map((at) => cluster.node(at).join('json')));
      for (const [at, member] of members.entries()) {
        await cluster.node((at + 1) % 3).post('/api/bind_to_group', {
          ...{ clientId: member.clientId, groupName: 'notices', userId: `u${at}` },
        });
      }
      const [first, second, third] = members;
      assert.ok(first && second && third);
      const heard = () => first.messages.map(({ code, data }) => [code, (data as { userId: string }).userId]);
      await eventually('the first heard all three come', () => heard().length === 3);
      assert.deepEqual(heard(), [
        [1001, 'u0'],
        [1001, 'u1'],
        [1001, 'u2'],
      ]);
      await third.close();
      await eventually('the first heard one go', () => heard().length === 4);
      assert.deepEqual(heard().at(-1), [1002, 'u2']);
      await Promise.all([first.close(), second.close()]);
    });

    test('systems, keys and bans are known to every node when the answer is there', async () => {
      assert.equal((await cluster.node(0).post('/api/register', { systemId: 'shop' })).body['code'], 0);
      const again = await cluster.node(1).post('/api/register', { systemId: 'shop' });
      assert.deepEqual([again.body['code'], again.body['msg']], [-1, '该系统ID已被注册']);
      const { key, info } = await cluster.node(2).admin.rotateKey({ owner: 'system', system: 'shop', role: 'push' });
      const statuses = () =>
        Promise.all(
          cluster.nodes.map(async (node) => {
            const headers = { SystemId: 'shop', Authorization: `Bearer ${key}` };
            const answer = await node.post('/api/send_to_system', { code: 1, msg: 'x', data: '' }, headers);
            return answer.status;
          }),
        );
      assert.deepEqual(await statuses(), [200, 200, 200]);
      const keyless = await cluster.node(1).post('/api/send_to_system', { msg: 'x' }, { SystemId: 'shop' });
      assert.ok([401, 403].includes(keyless.status), String(keyless.status));
      await cluster.node(0).admin.removeKey(info.id);
      assert.deepEqual([...new Set(await statuses())].includes(200), false);
      const erin = await cluster.node(0).join('yunque', { bind: { uid: 'erin', channel: 'web', deviceId: 'd' } });
      await cluster.node(1).admin.ban('erin', { forMs: 60_000 });
      assert.equal((await erin.closed).code, 4503);
      for (const node of cluster.nodes) {
        await assert.rejects(node.join('yunque', { bind: { uid: 'erin', channel: 'web', deviceId: 'd' } }));
      }
      await cluster.node(2).admin.unban('erin');
    });

    test('events of all nodes can be followed from each', async () => {
      const seen = new Set<string>();
      const end = new AbortController();
      const following = (async () => {
        for await (const item of cluster.node(1).admin.events({ types: ['connected'], signal: end.signal })) {
          if (item.type === 'event') seen.add(item.event.node);
          if (seen.size === 3) return;
        }
      })();
      await eventually('all were seen', async () => {
        for (const node of cluster.nodes) await (await node.join('json')).close();
        return seen.size === 3;
      });
      end.abort();
      await following;
    });

    test('each node says what it reaches, in stats and metrics, and is ready', async () => {
      for (const node of cluster.nodes) {
        assert.equal(await (await fetch(`${node.url}/readyz`)).text(), 'ok');
        const text = await (await fetch(`${node.url}/metrics`)).text();
        assert.match(text, /^yunque_cluster_links 2$/m);
        assert.match(text, /^yunque_redis_up 1$/m);
        assert.match(text, new RegExp(`^yunque_bus_up\\{engine="${bus}"\\} 1$`, 'm'));
        const own = (await node.admin.stats()).nodes.find(({ node: of }) => of === node.id);
        assert.match(own?.rpcAddress ?? '', /^127\.0\.0\.1:\d+$/);
        assert.equal(own?.cluster?.links.length, 2);
      }
      const client = connectRedis(scope, redisPort);
      await eventually('what each reaches is known to those that it could not be told', async () => {
        const infos = Object.values(await client.hgetall(`${cluster.name}:{nodes}:infos`));
        const standings = infos.map((info) => (JSON.parse(info) as MemberInfo).standing);
        return standings.length === 3 && standings.every((of) => of?.links === 2 && of.redis && of.bus);
      });
    });
  });
}
