import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { RedisClient } from '../../src/backends/redis-script.ts';
import type { Directory } from '../../src/directory/directory.ts';
import { RoutePurge } from '../../src/directory/redis/purge.ts';
import { RedisRoutes } from '../../src/directory/redis/routes.ts';
import type { RouteName } from '../../src/directory/route-store.ts';
import { testDirectory } from '../contract/directory.ts';
import { createCachedCluster } from '../support/cached-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { connectRedis, connectRedisCluster } from '../support/redis-client.ts';
import { startRedisCluster } from '../support/redis-groups.ts';
import { startRedis } from '../support/services/redis.ts';

const scope = { after: (end: () => unknown) => void after(end) };
const shared = await startRedis(scope);
let clusters = 0;
const newName = () => {
  clusters += 1;
  return `test ${clusters}:{x}`;
};

const user = (name: string, system = 'default'): RouteName => ({ kind: 'users', system, name });

function storeOf(client: RedisClient, cluster: string, node = 'n1', incarnation = 1): RedisRoutes {
  return new RedisRoutes({ client, cluster, node, incarnation: () => incarnation });
}

/** Without a cache. */
function directoryIn(client: RedisClient): Directory {
  const cluster = newName();
  const stores = new Map(['n1', 'n2'].map((node) => [node, storeOf(client, cluster, node)]));
  const any = stores.get('n1') as RedisRoutes;
  return {
    login: async ({ system, uid, node, cid }) =>
      ((await stores.get(node)?.login(user(uid, system), cid, 0)) ?? assert.fail()).sequence,
    logout: ({ system, uid, node, cid, loginSequence: sequence }) =>
      any.remove(user(uid, system), { node, cid, sequence }),
    routes: async (system, uid) => {
      const [places = []] = await any.lookup([user(uid, system)]);
      return places.map(({ node, cid, sequence }) => ({ system, uid, node, cid, loginSequence: sequence }));
    },
    close: async () => {},
  };
}

async function cachedOver(connect: () => RedisClient) {
  const cluster = newName();
  const created = await createCachedCluster(['n1', 'n2', 'n3'], {
    storeOf: (node, incarnation) => new RedisRoutes({ client: connect(), cluster, node, incarnation }),
    lookupMs: 500,
  });
  scope.after(async () => {
    for (const directory of created.directories.values()) await directory.close();
  });
  return created;
}

testDirectory('in Redis', async () => directoryIn(connectRedis(scope, shared.port)));

testDirectory('as caches of Redis, on three nodes, each login on its own', async () => {
  const { nodes } = await cachedOver(() => connectRedis(scope, shared.port));
  const directories = nodes.map(({ context }) => context.directory);
  let calls = 0;
  const next = (): Directory => {
    calls += 1;
    return directories[calls % directories.length] ?? assert.fail();
  };
  return {
    login: (route) => (route.node === 'n2' ? directories[1] : directories[0])?.login(route) ?? assert.fail(),
    logout: (login) => next().logout(login),
    routes: (system, uid) => next().routes(system, uid),
    close: async () => {},
  };
});

describe('routes in Redis', () => {
  test('of names that would read the same, have braces, halves of characters, or are any text, stay apart', async () => {
    const store = storeOf(connectRedis(scope, shared.port), newName());
    const texts = [
      'a',
      'a:b',
      'b:c',
      'c',
      '{a}',
      'a}',
      '{',
      '%003a',
      ':',
      '__proto__',
      'ü',
      '😀',
      '\ud83d',
      '\ude00',
      '',
    ];
    const names = texts.flatMap((system) =>
      texts.flatMap((name) => [user(name, system), { kind: 'groups', system, name } as const]),
    );
    for (const [at, name] of names.entries()) await store.put(name, at, at + 1);
    const places = await store.lookup(names);
    for (const [at, found] of places.entries()) {
      assert.deepEqual(
        found.map(({ sequence }) => sequence),
        [at + 1],
        JSON.stringify(names[at]),
      );
    }
  });

  test('are numbered above the floor, and above those that others wrote', async () => {
    const cluster = newName();
    const client = connectRedis(scope, shared.port);
    const [one, other] = [storeOf(client, cluster), storeOf(client, cluster, 'n2')];
    const floor = 2 ** 52;
    const first = await one.login(user('alice'), 1, floor);
    assert.equal(first.sequence, floor + 1);
    const second = await other.login(user('alice'), 2, 0);
    assert.equal(second.sequence, floor + 2);
    assert.deepEqual(second.places.map(({ node, cid }) => [node, cid]).toSorted(), [
      ['n1', 1],
      ['n2', 2],
    ]);
  });

  test('of nodes that have ended, and of earlier starts of this one, are removed, and those of no other', async () => {
    const cluster = newName();
    const client = connectRedis(scope, shared.port);
    const dead = storeOf(client, cluster, 'n2', 7);
    const earlier = storeOf(client, cluster, 'n1', 1);
    const own = storeOf(client, cluster, 'n1', 2);
    const alive = storeOf(client, cluster, 'n3', 9);
    const names = Array.from({ length: 450 }, (_, at) => user(`u${at}`, at % 2 === 0 ? 'a:b' : '{s}'));
    for (const [at, store] of [dead, earlier, own, alive].entries()) {
      await store.enlist();
      await store.settle();
      await Promise.all(names.map((name, n) => store.login(name, at * 1000 + n, 0)));
    }
    // What the dead node wrote and another has written over since.
    await alive.put(names[0] as RouteName, 0, 5);
    // Of n4 nobody has heard yet, of n3 not that it has started again.
    const others = [storeOf(client, cluster, 'n4', 1), storeOf(client, cluster, 'n3', 10)];
    for (const other of others) await other.enlist();
    for (const [at, other] of others.entries()) await other.login(user('new'), at, 0);
    const members = [{ id: 'n3', incarnation: 9 }];
    const purge = new RoutePurge({ client, cluster, node: 'n1', incarnation: () => 2, members: () => members });
    await purge.purge();
    members.push({ id: 'n4', incarnation: 1 });
    await purge.purge();
    assert.equal((await own.lookup([user('new')]))[0]?.length, 2);
    const left = await own.lookup(names);
    for (const [at, places] of left.entries()) {
      const nodes = places.map(({ node, incarnation }) => `${node} ${incarnation}`).toSorted();
      assert.deepEqual(nodes, at === 0 ? ['n1 2', 'n3 9', 'n3 9'] : ['n1 2', 'n3 9']);
    }
    assert.deepEqual([...(await own.settled())].toSorted(), ['2:n1', '9:n3']);
    const keys = await client.keys('*');
    assert.ok(!keys.some((key) => key.startsWith(encodeURIComponent(cluster)) && key.includes('{n:n2:7}')));
  });

  test('work in a Redis Cluster, whatever slot each name has', async () => {
    const servers = await startRedisCluster(scope);
    const client = connectRedisCluster(
      scope,
      servers.map(({ port }) => port),
    );
    const store = storeOf(client, newName());
    await store.enlist();
    const names = Array.from({ length: 50 }, (_, at) => user(`u${at}`));
    await Promise.all(names.map((name, at) => store.login(name, at, 0)));
    const places = await store.lookup(names);
    assert.deepEqual(
      places.map(([place]) => place?.cid),
      names.map((_, at) => at),
    );
    await Promise.all(names.map((name, at) => store.drop(name, at, true)));
    assert.ok((await store.lookup(names)).every((left) => left.length === 0));
  });
});

describe('nodes whose Redis goes away', () => {
  for (const persistent of [true, false]) {
    test(`and comes back ${persistent ? 'with' : 'without'} its data go on meanwhile, and know everything again then`, async (t) => {
      const server = await startRedis(t, { persistent });
      const cluster = await cachedOver(() => connectRedis(t, server.port));
      const [n1, n2, n3] = cluster.nodes;
      assert.ok(n1 && n2 && n3);
      const directoryOf = (id: string) => cluster.directories.get(id) ?? assert.fail();
      const before = await n1.login('alice', { deviceId: 'd1', channel: 'android' });
      const bob = await n2.login('bob');
      assert.deepEqual(await directoryOf('n3').nodesOf('default', 'alice'), ['n1']);
      await server.kill('SIGKILL');
      await eventually('n3 has noticed', () => directoryOf('n3').nodesOf('default', 'unknown') === undefined);
      assert.deepEqual(directoryOf('n3').nodesOf('default', 'alice'), ['n1']);
      const newer = await n2.login('alice', { deviceId: 'd2', channel: 'android' });
      assert.deepEqual([before.isOpen, newer.isOpen], [false, true]);
      assert.deepEqual(directoryOf('n3').nodesOf('default', 'alice'), ['n2']);
      const carol = await n1.login('carol');
      await n2.sessions.close(bob, 1000, 'left');
      await server.start();
      for (const { id } of cluster.nodes) {
        await eventually(
          `${id} is ready again`,
          async () => (await directoryOf(id).nodesOf('default', `nobody ${id}`))?.length === 0,
        );
        assert.deepEqual(await directoryOf(id).nodesOf('default', 'alice'), ['n2']);
        assert.deepEqual(await directoryOf(id).nodesOf('default', 'carol'), ['n1']);
        assert.deepEqual(await directoryOf(id).nodesOf('default', 'bob'), []);
      }
      assert.ok(carol.isOpen);
      const last = await n3.login('alice', { deviceId: 'd3', channel: 'android' });
      assert.deepEqual([newer.isOpen, last.isOpen], [false, true]);
      for (const { close } of cluster.nodes) await close();
    });
  }
});
