import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ListQuery, Page } from '../../../../src/api/listing.ts';
import { createCachedCluster } from '../../../support/cached-cluster.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterNode } from '../../../support/fake-cluster.ts';
import type { FakeConnection } from '../../../support/fake-connection.ts';
import { createRandom, pick } from '../../../support/random.ts';

const nodeAt = (cluster: FakeCluster, at: number): FakeClusterNode => {
  const node = cluster.nodes[at];
  assert.ok(node !== undefined);
  return node;
};

/** Users on one to three nodes each, some connections without one, and groups that span nodes. */
/** Where these are, by the registries of the nodes. */
function nodesOf({ nodes }: FakeCluster, connections: readonly FakeConnection[]): string[] {
  const holds = (at: FakeCluster['nodes'][number], { cid }: FakeConnection) =>
    at.context.registry.find('default', String(cid)) !== undefined;
  return nodes.filter((node) => connections.some((each) => holds(node, each))).map(({ context }) => context.nodeId);
}

async function populate(cluster: FakeCluster, seed = 1): Promise<FakeConnection[]> {
  const random = createRandom(seed);
  const connections: FakeConnection[] = [];
  for (let n = 0; n < 60; n += 1) {
    const node = nodeAt(cluster, pick(random, 3));
    if (n % 6 === 0) connections.push(node.open());
    else connections.push(await node.login(`u${pick(random, 20)}`, { deviceId: `d${n}` }, { dialect: 'json' }));
  }
  for (let n = 0; n < 25; n += 1) {
    const ids = [String(connections[pick(random, 60)]?.cid), String(connections[pick(random, 60)]?.cid)];
    const join = { type: 'join', system: 'default', group: `g${n % 8}`, members: { by: 'connections', ids } } as const;
    await nodeAt(cluster, n % 3).execute(join);
  }
  await cluster.settled();
  return connections;
}

async function pages<T>(get: (query: ListQuery) => Promise<Page<T>>, query: ListQuery): Promise<T[]> {
  const rows: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await get({ ...query, ...(cursor !== undefined && { cursor }) });
    assert.equal(page.missingNodes, undefined);
    rows.push(...page.items);
    if (page.cursor === undefined) {
      assert.equal(page.total, rows.length);
      return rows;
    }
    assert.equal(page.items.length, query.limit);
    cursor = page.cursor;
  }
}

/** Without what differs by the moment. */
const plain = <T extends object>(rows: readonly T[]) =>
  rows.map((row) => ({ ...row, ageSeconds: 0, clientId: 'clientId' in row && row.clientId !== '' }));

for (const [kept, createCluster] of [
  ['known to all', () => createFakeCluster()],
  ['written down', () => createCachedCluster()],
] as const)
  describe(`a list asked of any node, where routes are ${kept}`, () => {
    const queries: ListQuery[] = [
      { limit: 7 },
      { limit: 7, descending: true },
      { limit: 1000 },
      { limit: 9, search: 'u1' },
    ];

    test('has every connection once, in one order over all nodes, page by page, with its node and clientId', async () => {
      const cluster = await createCluster();
      const connections = await populate(cluster);
      const cids = connections.map(({ cid }) => cid).toSorted((a, b) => a - b);
      for (const query of [...queries, { limit: 11, sort: 'node' }, { limit: 5, sort: 'uid', descending: true }]) {
        const all = await Promise.all(
          cluster.nodes.map((node) => pages((q) => node.execute({ type: 'listConnections', query: q }), query)),
        );
        for (const rows of all) assert.deepEqual(plain(rows), plain(all[0] ?? []));
        const listed = (all[0] ?? []).map(({ cid }) => Number(cid));
        if (query.search === undefined) {
          assert.deepEqual(
            listed.toSorted((a, b) => a - b),
            cids,
          );
        }
        if (query.sort === undefined && query.search === undefined) {
          assert.deepEqual(listed, query.descending ? cids.toReversed() : cids);
        }
        for (const row of all[0] ?? []) {
          assert.ok(nodeAt(cluster, Number(row.node.slice(1)) - 1).context.registry.find('default', row.cid));
          assert.equal(row.clientId.length, 44);
        }
      }
    });

    test('has every user, group and system once, with what all nodes have of it', async () => {
      const cluster = await createCluster();
      await cluster.systems.add('empty', 1);
      const connections = await populate(cluster);
      const byUser = Map.groupBy(
        connections.filter((c) => c.isOpen && c.identity !== undefined),
        (c) => c.identity?.uid ?? '',
      );
      const byGroup = Map.groupBy(
        connections.flatMap((c) => [...(c.groups?.keys() ?? [])].map(({ name }) => ({ c, name }))),
        ({ name }) => name,
      );
      for (const node of cluster.nodes) {
        for (const query of [...queries, { limit: 4, sort: 'connections', descending: true }]) {
          const users = await pages((q) => node.execute({ type: 'listUsers', query: q }), query);
          for (const user of users) {
            const theirs = byUser.get(user.uid) ?? [];
            assert.equal(user.connections, theirs.length, user.uid);
            assert.deepEqual(user.nodes, nodesOf(cluster, theirs), user.uid);
            assert.deepEqual(user.devices.toSorted(), theirs.map((c) => c.identity?.deviceId ?? '').toSorted());
          }
          if (query.search === undefined) assert.equal(users.length, byUser.size);
          if (query.sort !== undefined) {
            const counts = users.map((user) => user.connections);
            assert.deepEqual(
              counts,
              counts.toSorted((a, b) => b - a),
            );
          }
        }
        const groups = await pages((q) => node.execute({ type: 'listGroups', query: q }), { limit: 3 });
        assert.deepEqual(
          groups.map(({ group, members }) => [group, members]),
          [...byGroup].map(([group, of]) => [group, of.length]).toSorted(),
        );
        const many = { field: 'connections', op: '>', value: '2' } as const;
        const busy = await node.execute({ type: 'listUsers', query: { where: [many] } });
        assert.equal(busy.total, [...byUser.values()].filter((of) => of.length > 2).length);
        const systems = await node.execute({ type: 'listSystems', query: {} });
        assert.deepEqual(
          systems.items.map(({ system, connections: count, users, groups: names }) => [system, count, users, names]),
          [
            ['default', connections.length, byUser.size, byGroup.size],
            ['empty', 0, 0, 0],
          ],
        );
        assert.deepEqual((await node.execute({ type: 'stats' })).totals, { users: byUser.size, groups: byGroup.size });
        for (const [group, of] of byGroup) {
          const get = (query: ListQuery) => node.execute({ type: 'listMembers', system: 'default', group, query });
          const members = await pages(get, { limit: 2 });
          assert.deepEqual(
            members.map(({ cid }) => Number(cid)),
            of.map(({ c }) => c.cid).toSorted((a, b) => a - b),
          );
          const { clientIds } = await node.execute({ type: 'listClientIds', system: 'default', group });
          assert.deepEqual(clientIds.toSorted(), of.map(({ c }) => c.clientId ?? '').toSorted());
        }
      }
    });

    test('has pages that stay where they were while rows come and go on other nodes', async () => {
      const cluster = await createCluster();
      const connections = await populate(cluster);
      const first = await nodeAt(cluster, 0).execute({ type: 'listConnections', query: { limit: 20 } });
      const shown = new Set(first.items.map(({ cid }) => cid));
      for (const connection of connections) if (shown.has(String(connection.cid))) connection.close('kicked');
      nodeAt(cluster, 0).open();
      await cluster.settled();
      const { cursor = '' } = first;
      const second = await nodeAt(cluster, 1).execute({ type: 'listConnections', query: { limit: 20, cursor } });
      const expected = connections.map(({ cid }) => cid).filter((cid) => !shown.has(String(cid)));
      assert.deepEqual(
        second.items.slice(0, 3).map(({ cid }) => Number(cid)),
        expected
          .toSorted((a, b) => a - b)
          .slice(0, 3)
          .map((cid) => cid),
      );
    });

    test('refuses what a list of one node refuses', async () => {
      const cluster = await createCluster();
      const [node] = cluster.nodes;
      for (const type of ['listConnections', 'listUsers', 'listGroups', 'listSystems'] as const) {
        await assert.rejects(async () => node?.execute({ type, query: { sort: 'none' } }), { code: 'bad_request' });
        await assert.rejects(async () => node?.execute({ type, query: { cursor: 'x' } }), { code: 'bad_request' });
      }
      for (const type of ['listConnections', 'listUsers', 'listGroups'] as const) {
        await assert.rejects(async () => node?.execute({ type, query: { system: 'none' } }), {
          code: 'unknown_system',
        });
      }
    });
  });

describe('asked of any node', () => {
  test('online counts the connections of users and refs wherever they are', async () => {
    const cluster = await createFakeCluster();
    const one = await nodeAt(cluster, 0).login('alice', { deviceId: 'd1' });
    await nodeAt(cluster, 1).login('alice', { deviceId: 'd2' });
    const other = await nodeAt(cluster, 2).login('__proto__', { deviceId: 'd3' });
    const uids = ['alice', '__proto__', 'ghost'];
    const ids = [String(one.cid), nodeAt(cluster, 2).context.registry.clientIdOf(other), '5', 'x'];
    for (const node of cluster.nodes) {
      const { users, connections, missingNodes } = await node.execute({ type: 'online', system: 'default', uids, ids });
      assert.deepEqual(Object.entries(users), [
        ['alice', 2],
        ['__proto__', 1],
        ['ghost', 0],
      ]);
      assert.deepEqual(new Map(Object.entries(connections)), new Map(ids.map((ref, at) => [ref, at < 2 ? 1 : 0])));
      assert.equal(missingNodes, undefined);
    }
  });

  test('kick and ban close the connections wherever they are, and a ban keeps the user out everywhere', async () => {
    const cluster = await createFakeCluster();
    const all = [];
    for (const node of cluster.nodes) all.push(await node.login('alice', { deviceId: node.id }));
    const target = { to: 'connections', ids: all.map(({ cid }) => String(cid)) } as const;
    const kicked = await nodeAt(cluster, 1).execute({ type: 'kick', system: 'default', target, reason: 'why' });
    assert.deepEqual(kicked, { matched: 3, closed: 3 });
    assert.deepEqual(
      all.map(({ closed }) => [closed?.code, closed?.reason]),
      all.map(() => [4503, 'why']),
    );
    await cluster.settled();
    const again = [];
    for (const node of cluster.nodes) again.push(await node.login('alice', { deviceId: node.id }));
    const banned = await nodeAt(cluster, 2).execute({
      type: 'ban',
      system: 'default',
      uid: 'alice',
      forMs: 60_000,
      reason: 'spam',
    });
    assert.equal(banned.closed, 3);
    assert.deepEqual(new Set(again.map(({ closed }) => closed?.reason)).size, 1);
    assert.match(again[0]?.closed?.reason ?? '', /^banned until .*: spam$/);
    for (const node of cluster.nodes) assert.equal((await node.login('alice')).closed?.code, 4503);
    await nodeAt(cluster, 0).execute({ type: 'unban', system: 'default', uid: 'alice' });
    assert.equal((await nodeAt(cluster, 1).login('alice')).isOpen, true);
  });

  test('a system that is removed loses its connections on every node, and no other does', async () => {
    const cluster = await createFakeCluster();
    await cluster.systems.add('b', 1);
    const gone = cluster.nodes.map((node) => node.open({ system: 'b' }));
    const stays = cluster.nodes.map((node) => node.open());
    assert.deepEqual(await nodeAt(cluster, 0).execute({ type: 'removeSystem', system: 'b' }), { closed: 3 });
    assert.deepEqual(
      [...gone, ...stays].map(({ isOpen }) => isOpen),
      [false, false, false, true, true, true],
    );
  });

  test('stats has the nodes side by side, by name', async () => {
    const cluster = await createFakeCluster(['n2', 'n3', 'n1']);
    for (const node of cluster.nodes) {
      const { nodes, missingNodes, health } = await node.execute({ type: 'stats' });
      assert.deepEqual(
        nodes.map((each) => each.node),
        ['n1', 'n2', 'n3'],
      );
      assert.deepEqual([missingNodes, health], [[], { verdict: 'ok', reasons: [] }]);
    }
  });
});
