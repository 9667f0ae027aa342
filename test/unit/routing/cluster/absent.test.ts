import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../../../support/eventually.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterNode } from '../../../support/fake-cluster.ts';
import type { FakeConnection } from '../../../support/fake-connection.ts';
import { FakeMembership } from '../../../support/fake-membership.ts';
import { jsonOf } from '../../../support/fake-node.ts';
import { samplePush } from '../../../support/messages.ts';

interface Place {
  readonly cluster: FakeCluster;
  readonly membership: FakeMembership;
  /** A member of the group `g` on each node, which has heard nothing yet. */
  readonly witnesses: readonly FakeConnection[];
  /** The node dies: its links at once, its lease when it ends. */
  die(at: number): void;
}

async function create(ids: readonly string[]): Promise<Place> {
  const membership = new FakeMembership();
  const cluster = await createFakeCluster(ids, { membership });
  const witnesses = cluster.nodes.map((node) => node.open());
  await join(nodeAt(cluster, 0), witnesses);
  await cluster.settled();
  forget(witnesses);
  const die = (at: number) => cluster.hub.kill(nodeAt(cluster, at).id);
  return { cluster, membership, witnesses, die };
}

function nodeAt(cluster: FakeCluster, at: number): FakeClusterNode {
  const node = cluster.nodes[at];
  assert.ok(node !== undefined);
  return node;
}

const forget = (connections: readonly FakeConnection[]) => {
  for (const connection of connections) connection.received.length = 0;
};

function join(node: FakeClusterNode, connections: readonly FakeConnection[], group = 'g') {
  const members = { by: 'connections', ids: connections.map(({ cid }) => String(cid)) } as const;
  return node.execute({ type: 'join', system: 'default', group, members });
}

/** The clientIds a connection was told of, with the code. */
const notices = (connection: FakeConnection | undefined): string[] =>
  jsonOf(connection as FakeConnection).map(({ code, data }) => `${code} ${(data as { clientId: string }).clientId}`);

const gone = (node: FakeClusterNode, connections: readonly (FakeConnection | undefined)[]) =>
  connections.map((each) => `1002 ${node.context.registry.clientIdOf(each as FakeConnection)}`);

describe('a node that is cut off', () => {
  test('is absent while its lease lives: nothing of it is forgotten, nobody is told, and every result names it', async () => {
    const { cluster, witnesses } = await create(['n1', 'n2', 'n3']);
    await nodeAt(cluster, 1).login('ann');
    await cluster.settled();
    for (const other of ['n1', 'n3']) cluster.hub.cut('n2', other);
    await cluster.settled();
    for (const witness of witnesses) assert.deepEqual(notices(witness), []);
    const asked = nodeAt(cluster, 0);
    const common = { type: 'push', door: 'admin', system: 'default', message: samplePush } as const;
    const toUser = await asked.execute({ ...common, target: { to: 'users', uids: ['ann'] } });
    assert.deepEqual([toUser.offline, toUser.missingNodes], [[], ['n2']]);
    const toGroup = await asked.execute({ ...common, target: { to: 'groups', groups: ['g'] } });
    assert.deepEqual([toGroup.matched, toGroup.missingNodes], [2, ['n2']]);
    const cid = String(witnesses[1]?.cid);
    const toConnection = await asked.execute({ ...common, target: { to: 'connections', ids: [cid] } });
    assert.deepEqual([toConnection.unknown, toConnection.missingNodes], [[], ['n2']]);
    const users = await asked.execute({ type: 'listUsers', query: {} });
    assert.deepEqual(users.missingNodes, ['n2']);
    const stats = await asked.execute({ type: 'stats' });
    assert.deepEqual(stats.missingNodes, ['n2']);
  });

  test('is named in the result of every question and every change that it may concern', async () => {
    const { cluster } = await create(['n1', 'n2', 'n3']);
    await nodeAt(cluster, 1).login('ann');
    await cluster.settled();
    for (const other of ['n1', 'n3']) cluster.hub.cut('n2', other);
    await cluster.settled();
    const { execute } = nodeAt(cluster, 0);
    const system = 'default';
    const ann = { by: 'users', uids: ['ann'] } as const;
    const list = { system, group: 'g', query: {} };
    const results = {
      online: await execute({ type: 'online', system, uids: ['ann'] }),
      listUsers: await execute({ type: 'listUsers', query: { system } }),
      listConnections: await execute({ type: 'listConnections', query: {} }),
      listMembers: await execute({ type: 'listMembers', ...list }),
      listGroups: await execute({ type: 'listGroups', query: {} }),
      listClientIds: await execute({ type: 'listClientIds', system, group: 'g' }),
      listSystems: await execute({ type: 'listSystems', query: {} }),
      kick: await execute({ type: 'kick', system, target: { to: 'users', uids: ['ann'] } }),
      ban: await execute({ type: 'ban', system, uid: 'ann', forMs: 1000 }),
      join: await execute({ type: 'join', system, group: 'h', members: ann }),
      leave: await execute({ type: 'leave', system, group: 'h', members: ann }),
      removeGroup: await execute({ type: 'removeGroup', system, group: 'h' }),
      removeSystem: await execute({ type: 'addSystem', system: 'shop' }).then(() =>
        execute({ type: 'removeSystem', system: 'shop' }),
      ),
    };
    for (const [name, { missingNodes }] of Object.entries(results)) assert.deepEqual(missingNodes, ['n2'], name);
    assert.deepEqual([results.join.unknown, results.leave.unknown], [[], []]);
  });

  test('and meets the others again brings no notices, and knows what happened meanwhile', async () => {
    const { cluster, witnesses } = await create(['n1', 'n2', 'n3']);
    const first = await nodeAt(cluster, 1).login('ann');
    await cluster.settled();
    for (const other of ['n1', 'n3']) cluster.hub.cut('n2', other);
    first.close('kicked');
    await nodeAt(cluster, 1).login('bob');
    await cluster.settled();
    for (const other of ['n1', 'n3']) cluster.hub.mend('n2', other);
    await cluster.settled();
    for (const witness of witnesses) assert.deepEqual(notices(witness), []);
    const target = { to: 'users', uids: ['ann', 'bob'] } as const;
    const push = { type: 'push', door: 'admin', system: 'default', target, message: samplePush } as const;
    const { matched, offline, missingNodes } = await nodeAt(cluster, 0).execute(push);
    assert.deepEqual([matched, offline, missingNodes], [1, ['ann'], []]);
    assert.equal(
      cluster.nodes.reduce((sum, { keptMemberships }) => sum + keptMemberships, 0),
      6,
      'each membership is kept by two nodes, as before',
    );
  });

  test('is gone when its lease ends, and then its members are told of once', async () => {
    const { cluster, membership, witnesses, die } = await create(['n1', 'n2', 'n3']);
    die(1);
    await cluster.settled();
    assert.deepEqual(notices(witnesses[0]), []);
    membership.expire('n2');
    membership.expire('nobody');
    await cluster.settled();
    const lost = gone(nodeAt(cluster, 1), [witnesses[1]]);
    for (const at of [0, 2]) assert.deepEqual(notices(witnesses[at]), lost);
    assert.deepEqual((await nodeAt(cluster, 0).execute({ type: 'stats' })).missingNodes, []);
  });

  test('is missing from nothing where it has said that it goes, or only starts: it holds nobody', async () => {
    const { cluster, membership } = await create(['n1', 'n2', 'n3']);
    const [asked, going] = [nodeAt(cluster, 0), nodeAt(cluster, 1)];
    const missing = async () => {
      const { missingNodes } = await asked.execute({ type: 'listConnections', query: {} });
      return [missingNodes ?? [], (await asked.execute({ type: 'stats' })).missingNodes];
    };
    await going.close();
    await cluster.settled();
    assert.deepEqual(await missing(), [[], []], 'its lease stands yet');
    membership.enter({ id: 'n2', incarnation: 9, isStarting: true });
    assert.deepEqual(await missing(), [[], []], 'its next start is not linked yet');
    membership.enter({ id: 'n2', incarnation: 9 });
    assert.deepEqual(await missing(), [['n2'], ['n2']], 'it serves, and is not linked');
  });

  test('is gone when a new start of it joins', async () => {
    const { cluster, witnesses, die } = await create(['n1', 'n2', 'n3']);
    die(1);
    await cluster.settled();
    await cluster.join('n2');
    await cluster.settled();
    const lost = gone(nodeAt(cluster, 1), [witnesses[1]]);
    for (const at of [0, 2]) assert.deepEqual(notices(witnesses[at]), lost);
  });

  test('is gone at once when it has said that it stops', async () => {
    const { cluster, witnesses } = await create(['n1', 'n2', 'n3']);
    await nodeAt(cluster, 1).close();
    await cluster.settled();
    const lost = gone(nodeAt(cluster, 1), [witnesses[1]]);
    for (const at of [0, 2]) assert.deepEqual(notices(witnesses[at]), lost);
  });

  test('from its keeper, and dies then, is told of once, by those that were chosen meanwhile', async () => {
    const { cluster, membership, witnesses, die } = await create(['n1', 'n2', 'n3', 'n4']);
    cluster.hub.cut('n1', 'n2');
    await cluster.settled();
    const late = nodeAt(cluster, 0).open();
    await join(nodeAt(cluster, 0), [late]);
    await cluster.settled();
    forget(witnesses);
    die(0);
    membership.expire('n1');
    await cluster.settled();
    const lost = gone(nodeAt(cluster, 0), [witnesses[0], late]).toSorted();
    for (const at of [1, 2, 3]) assert.deepEqual(notices(witnesses[at]).toSorted(), lost);
  });
});

describe('nodes that die together', () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ] as const) {
    test(`are told of once each, also where one kept the record of the other (${order})`, async () => {
      const { cluster, membership, witnesses, die } = await create(['n1', 'n2', 'n3', 'n4']);
      for (const at of order) die(at);
      for (const at of order) membership.expire(nodeAt(cluster, at).id);
      await cluster.settled();
      const lost = order.flatMap((at) => gone(nodeAt(cluster, at), [witnesses[at]]));
      for (const at of [2, 3]) assert.deepEqual(notices(witnesses[at]).toSorted(), lost.toSorted());
    });
  }

  test('one over telling of the other, leave nobody untold and nobody told twice', async () => {
    const { cluster, membership, witnesses, die } = await create(['n1', 'n2', 'n3', 'n4']);
    const clients = Array.from({ length: 800 }, () => nodeAt(cluster, 0).open());
    const all = [...witnesses.slice(2), ...clients];
    for (const group of ['g', 'h', 'i']) await join(nodeAt(cluster, 0), all, group);
    await cluster.settled();
    forget(witnesses);
    die(0);
    membership.expire('n1');
    // The first keeper has begun, and not ended.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    die(1);
    membership.expire('n2');
    await cluster.settled();
    const thrice = [...clients, ...clients, ...clients];
    const lost = [...gone(nodeAt(cluster, 0), [witnesses[0], ...thrice]), ...gone(nodeAt(cluster, 1), [witnesses[1]])];
    for (const at of [2, 3]) {
      await eventually('all have been told of', () => (witnesses[at]?.received.length ?? 0) >= lost.length);
      await cluster.settled();
      assert.deepEqual(notices(witnesses[at]).toSorted(), lost.toSorted());
    }
  });
});
