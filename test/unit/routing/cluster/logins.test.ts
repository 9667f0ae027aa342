import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Login } from '../../../../src/directory/directory.ts';
import { createCachedCluster } from '../../../support/cached-cluster.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterNode } from '../../../support/fake-cluster.ts';
import type { FakeConnection } from '../../../support/fake-connection.ts';
import { payloadOf } from '../../../support/fake-node.ts';
import { type Choose, deliverAll, inEveryOrder } from '../../../support/interleavings.ts';
import { MemoryRouteServer } from '../../../support/memory-route-store.ts';
import { createRandom, pick } from '../../../support/random.ts';

const request = (deviceId: string, channel = 'android') => ({
  uid: 'alice',
  deviceId,
  deviceName: `name of ${deviceId}`,
  channel,
});

const nodeAt = (cluster: FakeCluster, at: number): FakeClusterNode => {
  const node = cluster.nodes[at % cluster.nodes.length];
  assert.ok(node !== undefined);
  return node;
};

const byCid = (logins: readonly Login[]) => logins.map(({ cid }) => cid).toSorted((a, b) => a - b);

/** Every node knows exactly the open connections of alice, and holds no other. */
async function assertConsistent(cluster: FakeCluster, open: readonly FakeConnection[]): Promise<void> {
  const expected = open.map(({ cid }) => cid).toSorted((a, b) => a - b);
  const held: number[] = [];
  for (const { context } of cluster.nodes) {
    assert.deepEqual(byCid(await context.directory.routes('default', 'alice')), expected);
    held.push(...[...(context.registry.system('default')?.users.get('alice')?.connections ?? [])].map((c) => c.cid));
  }
  assert.deepEqual(
    held.toSorted((a, b) => a - b),
    expected,
  );
}

interface Attempt {
  readonly connection: FakeConnection;
  readonly bound: Promise<boolean>;
}

function attempt(node: FakeClusterNode, deviceId: string, channel = 'android'): Attempt {
  const connection = node.connect();
  return { connection, bound: Promise.resolve(node.sessions.bind(connection, request(deviceId, channel), () => {})) };
}

const sequenceOf = (calls: Map<number, number>, { cid }: FakeConnection) => calls.get(cid) ?? 0;

/** The number that each login got, by cid: those that never were bound have one, too. */
function watchSequences(cluster: FakeCluster): Map<number, number> {
  const sequences = new Map<number, number>();
  for (const { context } of cluster.nodes) {
    const { directory } = context;
    const login = directory.login.bind(directory);
    directory.login = async (route) => {
      const sequence = await login(route);
      sequences.set(route.cid, sequence);
      return sequence;
    };
  }
  return sequences;
}

describe('a login on one node', () => {
  test('tells the older device on another node 999 before it closes it with 4005, and before it is answered itself', async () => {
    const cluster = await createFakeCluster();
    const older = await nodeAt(cluster, 0).login('alice', request('d1'));
    const newer = nodeAt(cluster, 1).connect();
    let before: unknown;
    await nodeAt(cluster, 1).sessions.bind(newer, request('d2'), () => {
      before = [...older.log];
    });
    assert.deepEqual(before, ['frame', 4005]);
    const [frame] = older.received;
    assert.match(payloadOf(frame ?? Buffer.alloc(0)).toString(), /999.*name of d2.*alice/s);
    assert.deepEqual([older.isOpen, newer.isOpen], [false, true]);
    await cluster.settled();
    await assertConsistent(cluster, [newer]);
  });

  test('of the same device closes the older connection on another node without a word', async () => {
    const cluster = await createFakeCluster();
    const older = await nodeAt(cluster, 0).login('alice', request('d1'));
    await nodeAt(cluster, 2).login('alice', request('d1'));
    assert.deepEqual(older.log, [4005]);
  });

  test('leaves alone the other class of devices, a browser’s tabs, and the same user of another system', async () => {
    const cluster = await createFakeCluster();
    await cluster.systems.add('b', 1);
    const phone = await nodeAt(cluster, 0).login('alice', request('d1'));
    const tab = await nodeAt(cluster, 1).login('alice', request('w', 'web'));
    const elsewhere = await nodeAt(cluster, 2).login('alice', request('d9'), { system: 'b' });
    const secondTab = await nodeAt(cluster, 2).login('alice', request('w', 'web'));
    assert.deepEqual(
      [phone, tab, elsewhere, secondTab].map(({ isOpen }) => isOpen),
      [true, true, true, true],
    );
    await cluster.settled();
    await assertConsistent(cluster, [phone, tab, secondTab]);
  });

  test('brings the user’s rooms along, with their labels, also from the one it displaces', async () => {
    const cluster = await createFakeCluster();
    await nodeAt(cluster, 0).login('alice', request('d1'));
    const members = { by: 'users', uids: ['alice'] } as const;
    const labels = { userId: 'label', extend: 'more' };
    await nodeAt(cluster, 2).execute({ type: 'join', system: 'default', group: 'g', members, ...labels });
    const newer = await nodeAt(cluster, 1).login('alice', request('d2'));
    await cluster.settled();
    const groups = [...(newer.groups ?? [])].map(([{ name }, { userId, extend }]) => [name, userId, extend]);
    assert.deepEqual(groups, [['g', 'label', 'more']]);
    const third = await nodeAt(cluster, 2).login('alice', request('w', 'web'));
    assert.deepEqual(
      [...(third.groups?.keys() ?? [])].map(({ name }) => name),
      ['g'],
    );
  });

  test('is not undone by the late end of the one it displaced', async () => {
    const cluster = await createFakeCluster();
    const older = await nodeAt(cluster, 0).login('alice', request('d1'));
    const newer = await nodeAt(cluster, 1).login('alice', request('d1'));
    await cluster.settled();
    await nodeAt(cluster, 0).sessions.close(older, 1006, 'again');
    await nodeAt(cluster, 0).context.directory.logout({
      system: 'default',
      uid: 'alice',
      node: 'n1',
      cid: newer.cid,
      loginSequence: 1,
    });
    await assertConsistent(cluster, [newer]);
  });

  test('goes on when another node is silent or dies', async () => {
    const cluster = await createFakeCluster(['n1', 'n2', 'n3'], { deadlineMs: 50 });
    cluster.hub.hold('n1', 'n3');
    const first = await nodeAt(cluster, 0).login('alice', request('d1'));
    assert.equal(first.isOpen, true);
    const second = attempt(nodeAt(cluster, 0), 'd2');
    cluster.hub.kill('n3');
    assert.equal(await second.bound, true);
    assert.equal(first.isOpen, false);
  });

  test('of a user who is banned meanwhile on another node is refused, and of a system that is removed', async () => {
    const cluster = await createFakeCluster();
    await cluster.systems.add('b', 1);
    await nodeAt(cluster, 1).login('alice', request('w', 'web'));
    await nodeAt(cluster, 1).login('alice', request('w', 'web'), { system: 'b' });
    cluster.hub.hold();
    const banned = attempt(nodeAt(cluster, 0), 'd1');
    const removed = nodeAt(cluster, 0).connect({ system: 'b' });
    const removedBound = nodeAt(cluster, 0).sessions.bind(removed, request('d1'), () => {});
    for (const [from, to] of [
      ['n1', 'n2'],
      ['n1', 'n3'],
      ['n2', 'n1'],
      ['n3', 'n1'],
    ] as const) {
      await new Promise((resolve) => setImmediate(resolve));
      while (cluster.hub.step(from, to) || cluster.hub.step(from, to, 'answers'));
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Both are past their first look at bans and systems now, and wait for n2, which holds the user.
    assert.ok(cluster.hub.waiting.some(({ from, to }) => from === 'n1' && to === 'n2'));
    const ban = nodeAt(cluster, 2).execute({ type: 'ban', system: 'default', uid: 'alice', forMs: 60_000 });
    const removal = nodeAt(cluster, 2).execute({ type: 'removeSystem', system: 'b' });
    await new Promise((resolve) => setImmediate(resolve));
    cluster.hub.release();
    assert.deepEqual(await Promise.all([banned.bound, removedBound]), [false, false]);
    assert.deepEqual([banned.connection.closed?.code, removed.closed?.code], [4503, 4507]);
    assert.deepEqual([(await ban).closed, (await removal).closed], [1, 1]);
    await cluster.settled();
    await assertConsistent(cluster, []);
  });
});

/** Runs logins at the same moment, the messages in an order of `choose`, and holds the end against what must be. */
async function race(
  ids: readonly string[],
  logins: readonly { readonly at: number; readonly device: string; readonly channel?: string }[],
  choose: Choose,
  { settled = 0, isCached = false } = {},
): Promise<void> {
  const server = new MemoryRouteServer();
  const cluster = isCached ? await createCachedCluster(ids, { server }) : await createFakeCluster(ids);
  const sequences = watchSequences(cluster);
  const before: FakeConnection[] = [];
  for (let n = 0; n < settled; n += 1) before.push(await nodeAt(cluster, n).login('alice', request(`old${n}`)));
  cluster.hub.hold();
  server.isHeld = true;
  const attempts = logins.map(({ at, device, channel }) => attempt(nodeAt(cluster, at), device, channel));
  await deliverAll(cluster.hub, choose, undefined, server);
  const bound = await Promise.all(attempts.map((each) => each.bound));
  cluster.hub.release();
  server.release();
  await cluster.settled();
  const all = [...before, ...attempts.map(({ connection }) => connection)];
  const open = all.filter(({ isOpen }) => isOpen);
  const newest = all.toSorted((a, b) => sequenceOf(sequences, b) - sequenceOf(sequences, a))[0];
  assert.deepEqual(
    open.map(({ cid }) => cid),
    [newest?.cid],
    'exactly the newest login stays',
  );
  for (const [at, { connection }] of attempts.entries()) {
    if (connection.isOpen) assert.equal(bound[at], true);
    else assert.equal(connection.closed?.code, 4005);
  }
  for (const connection of all) {
    if (connection.isOpen) continue;
    const told = connection.log.filter((entry) => entry === 'frame').length;
    assert.ok(told <= 1, 'nobody is told twice');
    assert.equal(connection.log.at(-1), 4005);
  }
  await assertConsistent(cluster, open);
}

for (const isCached of [false, true]) {
  describe(`logins of one user at the same moment, in ${isCached ? 'caches of a store' : 'replicas'}`, () => {
    for (const devices of [
      ['d1', 'd2'],
      ['d1', 'd1'],
    ] as const) {
      test(`on two nodes, devices ${devices.join(' and ')}: exactly the newer stays, in every order of what they say`, async () => {
        const logins = devices.map((device, at) => ({ at, device }));
        const orders = await inEveryOrder(
          (choose) => race(['n1', 'n2'], logins, choose, { isCached }),
          isCached ? 200_000 : 5000,
        );
        assert.ok(orders > 10, `${orders} orders`);
      });
    }

    test('on two nodes while an older one is bound: exactly the newest stays, in every order, or in 500 where they are too many', async () => {
      const logins = [
        { at: 0, device: 'd1' },
        { at: 1, device: 'd2' },
      ];
      const ids = ['n1', 'n2'];
      if (isCached) {
        for (let seed = 1; seed <= 500; seed += 1) {
          const random = createRandom(seed);
          await race(ids, logins, (count) => pick(random, count), { settled: 1, isCached });
        }
        return;
      }
      const orders = await inEveryOrder((choose) => race(ids, logins, choose, { settled: 1 }), 20_000);
      assert.ok(orders > 10, `${orders} orders`);
    });

    for (let seed = 1; seed <= 40; seed += 1) {
      test(`on three nodes, five of them, in an order of chance (seed ${seed})`, async () => {
        const random = createRandom(seed);
        const logins = Array.from({ length: 5 }, () => ({
          at: pick(random, 3),
          device: `d${pick(random, 4)}`,
          channel: pick(random, 2) === 0 ? 'android' : 'ios',
        }));
        await race(['n1', 'n2', 'n3'], logins, (count) => pick(random, count), {
          settled: pick(random, 3),
          isCached,
        });
      });
    }
  });
}
