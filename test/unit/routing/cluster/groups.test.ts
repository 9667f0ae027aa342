import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFakeCluster, type FakeCluster, type FakeClusterNode } from '../../../support/fake-cluster.ts';
import type { FakeConnection } from '../../../support/fake-connection.ts';
import { jsonOf } from '../../../support/fake-node.ts';
import { type Choose, deliverAll, inEveryOrder } from '../../../support/interleavings.ts';
import { createRandom, pick } from '../../../support/random.ts';

const nodeAt = (cluster: FakeCluster, at: number): FakeClusterNode => {
  const node = cluster.nodes[at];
  assert.ok(node !== undefined);
  return node;
};

/** The notices a connection got: code and whose. */
const notices = (connection: FakeConnection): [number, string][] =>
  jsonOf(connection)
    .filter(({ code }) => code === 1001 || code === 1002)
    .map(({ code, data }) => [code, (data as { clientId: string }).clientId]);

const clientIdOf = (node: FakeClusterNode, connection: FakeConnection) => node.context.registry.clientIdOf(connection);

const change = (
  node: FakeClusterNode,
  type: 'join' | 'leave',
  who: readonly FakeConnection[] | readonly string[],
  more = {},
) => {
  const ids = who.flatMap((each) => (typeof each === 'string' ? [] : [String(each.cid)]));
  const uids = who.flatMap((each) => (typeof each === 'string' ? [each] : []));
  const members = ids.length > 0 ? ({ by: 'connections', ids } as const) : ({ by: 'users', uids } as const);
  return node.execute({ type, system: 'default', group: 'g', members, ...more });
};

const members = async (node: FakeClusterNode) => {
  const page = await node.execute({ type: 'listMembers', system: 'default', group: 'g', query: {} });
  return page.items.map(({ cid }) => Number(cid)).toSorted((a, b) => a - b);
};

const cids = (connections: readonly FakeConnection[]) => connections.map(({ cid }) => cid).toSorted((a, b) => a - b);

describe('joining and leaving from any node', () => {
  test('reaches connections where they are, and counts what was found over all nodes', async () => {
    const cluster = await createFakeCluster();
    const connections = cluster.nodes.map((node) => node.open());
    const ids = [...connections.map(({ cid }) => String(cid)), '99', 'nobody'];
    const byIds = { by: 'connections', ids } as const;
    const join = { type: 'join', system: 'default', group: 'g', members: byIds, userId: 'u', extend: 'e' } as const;
    assert.deepEqual(await nodeAt(cluster, 1).execute(join), { matched: 3, changed: 3, unknown: ['99', 'nobody'] });
    assert.deepEqual(await nodeAt(cluster, 2).execute(join), { matched: 3, changed: 0, unknown: ['99', 'nobody'] });
    for (const node of cluster.nodes) assert.deepEqual(await members(node), cids(connections));
    const left = await nodeAt(cluster, 0).execute({ type: 'leave', system: 'default', group: 'g', members: byIds });
    assert.deepEqual(left, { matched: 3, changed: 3, unknown: ['99', 'nobody'] });
    for (const node of cluster.nodes) assert.deepEqual(await members(node), []);
  });

  test('takes users with all their connections, and those they open later on any node', async () => {
    const cluster = await createFakeCluster();
    const first = await nodeAt(cluster, 0).login('alice', { deviceId: 'd1' });
    const second = await nodeAt(cluster, 1).login('alice', { deviceId: 'd2' });
    assert.deepEqual(await change(nodeAt(cluster, 2), 'join', ['alice', 'ghost']), {
      matched: 2,
      changed: 2,
      unknown: ['ghost'],
    });
    const third = await nodeAt(cluster, 2).login('alice', { deviceId: 'd3' });
    for (const node of cluster.nodes) assert.deepEqual(await members(node), cids([first, second, third]));
    first.close('kicked');
    second.close('kicked');
    await cluster.settled();
    const fourth = await nodeAt(cluster, 1).login('alice', { deviceId: 'd4' });
    assert.deepEqual(await members(nodeAt(cluster, 0)), cids([third, fourth]));
    const left = await change(nodeAt(cluster, 0), 'leave', ['alice']);
    assert.deepEqual([left.matched, left.changed], [2, 2]);
    const fifth = await nodeAt(cluster, 0).login('alice', { deviceId: 'd5' });
    assert.equal(fifth.groups?.size ?? 0, 0);
  });

  test('refuses one group too many whichever node finds it, and an unknown system', async () => {
    const cluster = await createFakeCluster();
    const there = nodeAt(cluster, 1).open();
    const members = { by: 'connections', ids: [String(there.cid)] } as const;
    for (const group of ['a', 'b', 'c']) {
      await nodeAt(cluster, 0).execute({ type: 'join', system: 'default', group, members });
    }
    await assert.rejects(nodeAt(cluster, 0).execute({ type: 'join', system: 'default', group: 'd', members }), {
      code: 'limit_reached',
      hint: 'raise limits.groupsPerConnection',
    });
    await assert.rejects(nodeAt(cluster, 0).execute({ type: 'join', system: 'none', group: 'd', members }), {
      code: 'unknown_system',
    });
  });

  test('removes a group everywhere, without notices', async () => {
    const cluster = await createFakeCluster();
    const connections = cluster.nodes.map((node) => node.open());
    await change(nodeAt(cluster, 0), 'join', connections);
    await cluster.settled();
    for (const connection of connections) connection.received.length = 0;
    const removed = await nodeAt(cluster, 1).execute({ type: 'removeGroup', system: 'default', group: 'g' });
    assert.deepEqual(removed, { removed: 3 });
    await cluster.settled();
    assert.deepEqual(await members(nodeAt(cluster, 2)), []);
    assert.deepEqual(connections.map(notices), [[], [], []]);
    assert.deepEqual(
      cluster.nodes.map(({ keptMemberships }) => keptMemberships),
      [0, 0, 0],
    );
  });

  /** Alice is on the first node and logs in on the second while she joins or leaves by way of another. */
  async function raceLogin(
    type: 'join' | 'leave' | 'removeGroup',
    ids: readonly string[],
    asked: number,
    choose: Choose,
  ) {
    const cluster = await createFakeCluster(ids);
    const first = await nodeAt(cluster, 0).login('alice', { deviceId: 'd1' });
    if (type !== 'join') await change(nodeAt(cluster, 0), 'join', ['alice']);
    await cluster.settled();
    cluster.hub.hold();
    const second = nodeAt(cluster, 1).connect();
    const request = { uid: 'alice', deviceId: 'd2', deviceName: '', channel: '' };
    const bound = nodeAt(cluster, 1).sessions.bind(second, request, () => {});
    await deliverAll(cluster.hub, choose, choose(8));
    const changed =
      type === 'removeGroup'
        ? nodeAt(cluster, asked).execute({ type, system: 'default', group: 'g' })
        : change(nodeAt(cluster, asked), type, ['alice']);
    await deliverAll(cluster.hub, choose);
    await Promise.all([bound, changed]);
    cluster.hub.release();
    await cluster.settled();
    assert.deepEqual(await members(nodeAt(cluster, 0)), type === 'join' ? cids([first, second]) : []);
    const result = await changed;
    if ('unknown' in result) assert.deepEqual(result.unknown, []);
  }

  for (const type of ['join', 'leave', 'removeGroup'] as const) {
    for (const asked of [0, 1]) {
      test(`(${type}, asked of node ${asked + 1}) while a user logs in on another has the same end in every order`, async () => {
        const orders = await inEveryOrder((choose) => raceLogin(type, ['n1', 'n2'], asked, choose), 20_000);
        assert.ok(orders > 3, `${orders} orders`);
      });
    }

    test(`(${type}, asked of a third node) while a user logs in has the same end in 100 orders of chance`, async () => {
      for (let seed = 1; seed <= 100; seed += 1) {
        const random = createRandom(seed);
        await raceLogin(type, ['n1', 'n2', 'n3'], 2, (count) => pick(random, count));
      }
    });
  }
});

describe('notices of a group', () => {
  test('reach the members on every node exactly once each, in the order of the node that saw it', async () => {
    const cluster = await createFakeCluster();
    const witnesses = cluster.nodes.map((node) => node.open());
    await change(nodeAt(cluster, 0), 'join', witnesses);
    await cluster.settled();
    for (const witness of witnesses) witness.received.length = 0;
    const guest = nodeAt(cluster, 1).open();
    const clientId = clientIdOf(nodeAt(cluster, 1), guest);
    await change(nodeAt(cluster, 2), 'join', [guest], { userId: 'label', extend: 'x' });
    await change(nodeAt(cluster, 0), 'leave', [guest]);
    await change(nodeAt(cluster, 1), 'join', [guest]);
    guest.close('kicked');
    await cluster.settled();
    for (const witness of witnesses) {
      assert.deepEqual(notices(witness), [
        [1001, clientId],
        [1002, clientId],
        [1001, clientId],
        [1002, clientId],
      ]);
    }
    assert.deepEqual(jsonOf(witnesses[0] as FakeConnection)[0]?.data, { clientId, userId: 'label', extend: 'x' });
    assert.deepEqual(notices(guest).length, 2, 'the guest hears of its own coming, never of its going');
  });

  test('are not sent where they are turned off', async () => {
    const cluster = await createFakeCluster(undefined, { overrides: { notices: false } });
    const witnesses = cluster.nodes.map((node) => node.open());
    await change(nodeAt(cluster, 0), 'join', witnesses);
    await cluster.settled();
    assert.deepEqual(witnesses.map(notices), [[], [], []]);
  });

  for (const victim of [0, 1, 2]) {
    test(`tell everybody exactly once of the clients of node ${victim + 1} when it dies, with their labels`, async () => {
      const cluster = await createFakeCluster();
      const witnesses = cluster.nodes.map((node) => node.open());
      await change(nodeAt(cluster, 0), 'join', witnesses);
      const node = nodeAt(cluster, victim);
      const clients = [node.open(), node.open()];
      await change(node, 'join', clients, { userId: 'label', extend: 'e' });
      const gone = node.open();
      await change(node, 'join', [gone]);
      gone.close('kicked');
      await cluster.settled();
      const kept = cluster.nodes.reduce((sum, { keptMemberships }) => sum + keptMemberships, 0);
      assert.equal(kept, 10, 'each membership is kept by two nodes');
      const lost = [witnesses[victim] as FakeConnection, ...clients].map((client) => clientIdOf(node, client));
      for (const witness of witnesses) witness.received.length = 0;
      cluster.hub.kill(node.id);
      await cluster.settled();
      for (const [at, witness] of witnesses.entries()) {
        const heard = notices(witness);
        assert.deepEqual(
          heard.toSorted(),
          at === victim ? [] : lost.map((clientId) => [1002, clientId]).toSorted(),
          `heard by ${at + 1}`,
        );
      }
      const survivor = witnesses[(victim + 1) % 3] as FakeConnection;
      const labels = jsonOf(survivor).map(({ data }) => (data as { userId: string }).userId);
      assert.deepEqual(labels.toSorted(), ['', 'label', 'label']);
    });
  }

  test('tell of the next death too, and of a node that came back', async () => {
    const cluster = await createFakeCluster();
    const witness = nodeAt(cluster, 2).open();
    await change(nodeAt(cluster, 2), 'join', [witness]);
    const early = nodeAt(cluster, 0).open();
    await change(nodeAt(cluster, 0), 'join', [early]);
    await cluster.settled();
    // n2 keeps what n1 has: when it goes, n3 is told all of it.
    cluster.hub.kill('n2');
    const late = nodeAt(cluster, 0).open();
    await change(nodeAt(cluster, 0), 'join', [late]);
    await cluster.settled();
    const back = await cluster.join('n2');
    const there = back.open();
    await change(back, 'join', [there]);
    await cluster.settled();
    witness.received.length = 0;
    cluster.hub.kill('n1');
    await cluster.settled();
    const lost = [early, late].map((client) => [1002, clientIdOf(nodeAt(cluster, 0), client)]);
    assert.deepEqual(notices(witness).toSorted(), lost.toSorted());
    const heardThere = notices(there).filter(([code]) => code === 1002);
    assert.deepEqual(heardThere.toSorted(), lost.toSorted());
    await back.peers.close();
    await cluster.settled();
    assert.deepEqual(notices(witness).at(-1), [1002, clientIdOf(back, there)]);
    assert.equal(notices(witness).length, 3);
  });

  test('of a client that went just before its node died are told once', async () => {
    const cluster = await createFakeCluster();
    const witness = nodeAt(cluster, 1).open();
    const client = nodeAt(cluster, 0).open();
    await change(nodeAt(cluster, 0), 'join', [witness, client]);
    await cluster.settled();
    witness.received.length = 0;
    client.close('kicked');
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    cluster.hub.kill('n1');
    await cluster.settled();
    assert.deepEqual(notices(witness), [[1002, clientIdOf(nodeAt(cluster, 0), client)]]);
  });
});
