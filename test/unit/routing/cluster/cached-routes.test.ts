import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { PushCommand } from '../../../../src/api/command.ts';
import { type CachedCluster, createCachedCluster } from '../../../support/cached-cluster.ts';
import { eventually } from '../../../support/eventually.ts';
import type { FakeClusterNode } from '../../../support/fake-cluster.ts';
import type { FakeConnection } from '../../../support/fake-connection.ts';
import { payloadOf } from '../../../support/fake-node.ts';
import { type Choose, deliverAll, inEveryOrder } from '../../../support/interleavings.ts';
import { MemoryRouteServer } from '../../../support/memory-route-store.ts';
import { createRandom, pick } from '../../../support/random.ts';

const nodeOf = (cluster: CachedCluster, id: string): FakeClusterNode =>
  cluster.nodes.find((node) => node.id === id) ?? assert.fail();
const directoryOf = (cluster: CachedCluster, id: string) => cluster.directories.get(id) ?? assert.fail();
const nodesOf = async (cluster: CachedCluster, id: string, uid: string) =>
  (await directoryOf(cluster, id).nodesOf('default', uid))?.toSorted();

let pushes = 0;
function pushTo(uids: readonly string[], text: string): PushCommand {
  pushes += 1;
  const messageId = pushes.toString(16).padStart(16, '0');
  const message = { kind: 'push', messageId, sendUserId: '', code: 0, msg: '', data: JSON.stringify(text) } as const;
  return { type: 'push', door: 'http', system: 'default', target: { to: 'users', uids }, message };
}

const textsOf = ({ received }: FakeConnection) =>
  received.map((frame) => /text\d+/.exec(payloadOf(frame).toString())?.[0] ?? 'other');

/** A message for alice pushed on `id`; whether it came. */
async function reaches(cluster: CachedCluster, id: string, connection: FakeConnection): Promise<boolean> {
  const before = connection.received.length;
  const receipt = await nodeOf(cluster, id).execute(pushTo(['alice'], 'text0'));
  return receipt.delivered === 1 && connection.received.length === before + 1;
}

describe('routes in caches of a store', () => {
  for (const isKnown of [false, true]) {
    test(`a push after an answered login reaches it from every node, in every order, the user ${isKnown ? 'looked up' : 'unknown'} before`, async () => {
      const run = async (choose: Choose) => {
        const server = new MemoryRouteServer();
        const cluster = await createCachedCluster(['n1', 'n2'], { server });
        if (isKnown) assert.deepEqual(await nodesOf(cluster, 'n2', 'alice'), []);
        cluster.hub.hold();
        server.isHeld = true;
        const login = nodeOf(cluster, 'n1').login('alice');
        // Somebody looks the user up at any moment before, between or after.
        const lookup = turn().then(() => nodesOf(cluster, 'n2', 'alice'));
        await deliverAll(cluster.hub, choose, undefined, server);
        await lookup;
        server.release();
        cluster.hub.release();
        assert.ok(await reaches(cluster, 'n2', await login));
      };
      const orders = await inEveryOrder(run, 20_000);
      assert.ok(orders >= (isKnown ? 1 : 2), `${orders} orders`);
    });
  }

  test('a lookup under way never brings back a place that was logged out, in every order', async () => {
    const run = async (choose: Choose) => {
      const server = new MemoryRouteServer();
      const cluster = await createCachedCluster(['n1', 'n2'], { server });
      const connection = await nodeOf(cluster, 'n1').login('alice');
      cluster.hub.hold();
      server.isHeld = true;
      const lookup = nodesOf(cluster, 'n2', 'alice');
      const closed = nodeOf(cluster, 'n1').sessions.close(connection, 1000, '');
      await deliverAll(cluster.hub, choose, undefined, server);
      await Promise.all([lookup, closed]);
      server.release();
      cluster.hub.release();
      assert.deepEqual(await nodesOf(cluster, 'n2', 'alice'), []);
    };
    const orders = await inEveryOrder(run, 20_000);
    assert.ok(orders > 5, `${orders} orders`);
  });

  for (let seed = 1; seed <= 20; seed += 1) {
    test(`pushes of a node reach each user in the order of their calls although lookups are slow (seed ${seed})`, async () => {
      const random = createRandom(seed);
      const server = new MemoryRouteServer();
      const cluster = await createCachedCluster(['n1', 'n2', 'n3'], { server, mostHeld: 2 });
      const users = ['u0', 'u1', 'u2', 'u3', 'u4'];
      const connections = new Map<string, FakeConnection>();
      for (const [at, uid] of users.entries())
        connections.set(uid, await nodeOf(cluster, `n${(at % 3) + 1}`).login(uid));
      server.isHeld = true;
      const expected = new Map<string, string[]>(users.map((uid) => [uid, []]));
      const receipts = [];
      for (let n = 0; n < 60; n += 1) {
        const uids = users.filter(() => pick(random, 3) === 0);
        for (const uid of uids) expected.get(uid)?.push(`text${n}`);
        receipts.push(nodeOf(cluster, 'n1').execute(pushTo(uids, `text${n}`)));
        for (let steps = pick(random, 4); steps > 0; steps -= 1) {
          await turn();
          const { waiting } = server;
          const lane = waiting[pick(random, waiting.length)];
          if (lane !== undefined) server.step(lane);
        }
      }
      server.release();
      await Promise.all(receipts);
      for (const [uid, connection] of connections) assert.deepEqual(textsOf(connection), expected.get(uid), uid);
    });
  }

  test('known ones are answered at once, of others no more are held than allowed, and a node asks once for those it asks for often', async () => {
    const cluster = await createCachedCluster(['n1', 'n2'], { mostHeld: 10 });
    for (let n = 0; n < 100; n += 1) await nodeOf(cluster, 'n1').login(`u${n}`);
    const directory = directoryOf(cluster, 'n2');
    for (let n = 0; n < 100; n += 1) assert.deepEqual(await directory.nodesOf('default', `u${n}`), ['n1']);
    assert.ok(directory.size.others <= 10 && directory.size.others >= 5, `${directory.size.others}`);
    const { asked } = cluster.server;
    assert.deepEqual(directory.nodesOf('default', 'u99'), ['n1']);
    assert.equal(cluster.server.asked, asked);
    assert.equal(directoryOf(cluster, 'n1').size.own, 100);
  });

  test('of the logouts without the store no more are kept than allowed, and a place that stays written down delivers to nobody', async () => {
    const cluster = await createCachedCluster(['n1', 'n2'], { mostUnwritten: 5 });
    const [one] = cluster.nodes;
    assert.ok(one);
    const users = Array.from({ length: 20 }, (_, n) => `u${n}`);
    const connections = await Promise.all(users.map((uid) => one.login(uid)));
    cluster.server.stop();
    for (const connection of connections) await one.sessions.close(connection, 1000, '');
    cluster.server.start();
    const left = () =>
      users.filter((name) => cluster.server.placesOf({ kind: 'users', system: 'default', name }).length > 0);
    await eventually('those that were kept are written', () => left().length < 20);
    await eventually('it is trusted again', async () => (await nodesOf(cluster, 'n2', 'nobody')) !== undefined);
    assert.equal(left().length, 15);
    const receipt = await nodeOf(cluster, 'n2').execute(pushTo(users, 'text1'));
    assert.deepEqual([receipt.delivered, receipt.offline?.toSorted()], [0, users.toSorted()]);
    for (const { close } of cluster.nodes) await close();
  });

  test('where the store does not answer in time everyone is asked, and the message arrives', async () => {
    const server = new MemoryRouteServer();
    const cluster = await createCachedCluster(['n1', 'n2', 'n3'], { server, lookupMs: 20 });
    const connection = await nodeOf(cluster, 'n3').login('alice');
    server.isHeld = true;
    assert.ok(await reaches(cluster, 'n2', connection));
    assert.equal(directoryOf(cluster, 'n2').nodesOf('default', 'bob'), undefined);
    server.release();
    await eventually('it is trusted again', async () => (await nodesOf(cluster, 'n2', 'bob')) !== undefined);
    for (const { close } of cluster.nodes) await close();
  });

  test('two logins while nodes were cut from each other and from the store: the newer stays when they meet', async () => {
    const cluster = await createCachedCluster(['n1', 'n2', 'n3']);
    cluster.server.stop();
    cluster.hub.cut('n1', 'n2');
    const device = { channel: 'android' };
    const older = await nodeOf(cluster, 'n1').login('alice', { deviceId: 'd1', ...device });
    await eventually('time has passed', async () => {
      await turn();
      return true;
    });
    const newer = await nodeOf(cluster, 'n2').login('alice', { deviceId: 'd2', ...device });
    cluster.hub.mend('n1', 'n2');
    await eventually('one of them has gone', () => older.isOpen !== newer.isOpen);
    const [stays, goes] = newer.isOpen ? [newer, older] : [older, newer];
    assert.ok((stays.identity?.loginSequence ?? 0) > (goes.identity?.loginSequence ?? 0));
    cluster.server.start({ isEmpty: true });
    await eventually('all is written again', async () => (await nodesOf(cluster, 'n3', 'bob'))?.length === 0);
    assert.deepEqual(await nodesOf(cluster, 'n3', 'alice'), [newer.isOpen ? 'n2' : 'n1']);
    for (const { close } of cluster.nodes) await close();
  });

  test('of a node that has ended are nobody’s, and lists and counts name each user once', async () => {
    const cluster = await createCachedCluster();
    await nodeOf(cluster, 'n1').login('alice', { deviceId: 'w', channel: 'web' });
    await nodeOf(cluster, 'n2').login('alice', { deviceId: 'w', channel: 'web' });
    await nodeOf(cluster, 'n3').login('bob');
    assert.equal((await nodeOf(cluster, 'n3').execute({ type: 'stats' })).totals.users, 2);
    assert.deepEqual(await nodesOf(cluster, 'n3', 'alice'), ['n1', 'n2']);
    cluster.dead.add('n1');
    cluster.hub.kill('n1');
    assert.deepEqual(await nodesOf(cluster, 'n3', 'alice'), ['n2']);
    assert.equal((await nodeOf(cluster, 'n3').execute({ type: 'stats' })).totals.users, 2);
  });
});

describe('nodes of a group', () => {
  test('are known to every node when a join is answered, and no more when the last member has gone', async () => {
    const cluster = await createCachedCluster();
    const groupNodes = (id: string) => directoryOf(cluster, id).groupNodes('default', 'g');
    assert.deepEqual(await groupNodes('n3'), []);
    const connection = await nodeOf(cluster, 'n1').login('alice');
    const members = { by: 'users', uids: ['alice'] } as const;
    await nodeOf(cluster, 'n2').execute({ type: 'join', system: 'default', group: 'g', members });
    for (const { id } of cluster.nodes) assert.deepEqual(await groupNodes(id), ['n1']);
    await nodeOf(cluster, 'n3').login('alice', { deviceId: 'w', channel: 'web' });
    for (const { id } of cluster.nodes) assert.deepEqual((await groupNodes(id))?.toSorted(), ['n1', 'n3']);
    await nodeOf(cluster, 'n1').sessions.close(connection, 1000, '');
    await cluster.settled();
    for (const { id } of cluster.nodes) assert.deepEqual(await groupNodes(id), ['n3']);
    // Is a group, and no user of that name.
    assert.deepEqual(await nodesOf(cluster, 'n2', 'g'), []);
  });
});
