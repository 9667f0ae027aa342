import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeCluster, type FakeClusterNode } from '../../../support/fake-cluster.ts';
import { samplePush as message } from '../../../support/messages.ts';

const ids = ['n1', 'n2', 'n3'];

/** Three nodes, of which the second has gone and is to come back. */
async function withOneAbsent(before: (nodes: readonly FakeClusterNode[]) => Promise<void> = async () => {}) {
  const cluster = await createFakeCluster(ids, { expected: ids });
  await before(cluster.nodes);
  await cluster.settled();
  await cluster.nodes[1]?.close();
  await cluster.settled();
  const [asked] = cluster.nodes;
  assert.ok(asked);
  return { cluster, asked };
}

const send = (node: FakeClusterNode, target: object) =>
  node.execute({ type: 'push', door: 'admin', system: 'default', target, message } as never) as Promise<{
    readonly offline?: readonly string[];
    readonly unknown?: readonly string[];
    readonly missingNodes: readonly string[];
  }>;

test('a user is not called offline, nor a connection unknown, where a node that is absent may hold it', async () => {
  const { cluster, asked } = await withOneAbsent(async (nodes) => void (await nodes[1]?.login('ann')));
  const toUser = await send(asked, { to: 'users', uids: ['ann', 'nobody'] });
  assert.deepEqual([toUser.offline, toUser.missingNodes], [[], ['n2']]);
  await cluster.join('n2');
  await cluster.settled();
  const again = await send(asked, { to: 'users', uids: ['ann', 'nobody'] });
  assert.deepEqual([again.offline, again.missingNodes], [['ann', 'nobody'], []]);
});

test('a connection of a node that is there is found without those that are absent', async () => {
  let cid = 0;
  const { asked } = await withOneAbsent(async (nodes) => {
    cid = nodes[2]?.open().cid ?? 0;
  });
  const receipt = await send(asked, { to: 'connections', ids: [String(cid)] });
  assert.deepEqual([receipt.unknown, receipt.missingNodes], [[], []]);
});

test('a node that is absent is named by lists and statistics, also where only one is left', async () => {
  const { cluster, asked } = await withOneAbsent();
  await cluster.nodes[2]?.close();
  await cluster.settled();
  const users = await asked.execute({ type: 'listUsers', query: {} });
  assert.deepEqual(users.missingNodes?.toSorted(), ['n2', 'n3']);
  const { health, missingNodes } = await asked.execute({ type: 'stats' });
  assert.deepEqual(missingNodes, ['n2', 'n3']);
  assert.deepEqual(health, { verdict: 'degraded', reasons: ['n2: does not answer', 'n3: does not answer'] });
});

test('a user on several nodes is counted once, by the first of them', async () => {
  const cluster = await createFakeCluster(ids, { expected: ids });
  const [one, two, three] = cluster.nodes;
  assert.ok(one && two && three);
  await three.login('ann', { deviceId: 'a', channel: 'android' });
  await two.login('ann', { deviceId: 'b', channel: 'web' });
  await two.login('bob');
  await cluster.settled();
  assert.deepEqual(
    cluster.nodes.map((node) => node.usersCountedHere),
    [0, 2, 0],
  );
  assert.deepEqual((await one.execute({ type: 'stats' })).totals, { users: 2, groups: 0 });
});
