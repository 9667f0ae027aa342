import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target } from '../../../../src/api/target.ts';
import { createFakeCluster, type FakeClusterNode } from '../../../support/fake-cluster.ts';

const previewing =
  (node: FakeClusterNode) =>
  (target: Target, more = {}) =>
    node.execute({ type: 'preview', system: 'default', target, ...more });

test('a preview counts on all nodes who would get a message, by node and by dialect, and sends nothing', async () => {
  const cluster = await createFakeCluster(['n1', 'n2']);
  const [one, two] = cluster.nodes as [FakeClusterNode, FakeClusterNode];
  const alice = await one.login('alice', {}, { dialect: 'json' });
  const other = await two.login('alice', { deviceId: 'd2' }, { dialect: 'cim' });
  const bob = await two.login('bob', {}, { dialect: 'json' });
  await one.execute({
    type: 'join',
    system: 'default',
    group: 'g',
    members: { by: 'users', uids: ['alice', 'bob'] },
  });
  await cluster.settled();
  const written = [alice, other, bob].map(({ received }) => received.length);
  const preview = previewing(one);
  const everyone = { matched: 3, nodes: { n1: 1, n2: 2 }, dialects: { json: 2, cim: 1 }, missingNodes: [] };
  assert.deepEqual(await preview({ to: 'system' }), everyone);
  assert.deepEqual(await preview({ to: 'groups', groups: ['g'] }), everyone);
  assert.deepEqual(await previewing(two)({ to: 'groups', groups: ['g', 'g'] }), {
    ...everyone,
    nodes: { n2: 2, n1: 1 },
  });
  assert.deepEqual(
    await preview({ to: 'users', uids: ['alice', 'bob', 'nobody'] }, { exclude: { ids: [String(alice.cid)] } }),
    {
      matched: 2,
      nodes: { n2: 2 },
      dialects: { json: 1, cim: 1 },
      offline: ['nobody'],
      missingNodes: [],
    },
  );
  assert.deepEqual(await preview({ to: 'connections', ids: [String(bob.cid), '7'] }), {
    matched: 1,
    nodes: { n2: 1 },
    dialects: { json: 1 },
    unknown: ['7'],
    missingNodes: [],
  });
  const nobody = { matched: 0, nodes: {}, dialects: {}, missingNodes: [] };
  assert.deepEqual(await preview({ to: 'groups', groups: ['empty'] }), nobody);
  await cluster.settled();
  assert.deepEqual(
    [alice, other, bob].map(({ received }) => received.length),
    written,
  );
});

test('a preview misses nobody who may be on a node that is silent, and names the node', async () => {
  const cluster = await createFakeCluster(['n1', 'n2'], { deadlineMs: 20 });
  const [one, two] = cluster.nodes as [FakeClusterNode, FakeClusterNode];
  const bob = await two.login('bob', {}, { dialect: 'json' });
  await cluster.settled();
  cluster.hub.hold('n1', 'n2');
  const answer = await previewing(one)({ to: 'connections', ids: [String(bob.cid)] });
  assert.deepEqual(answer, { matched: 0, nodes: {}, dialects: {}, unknown: [], missingNodes: ['n2'] });
});

test('a preview in a system that does not exist is refused', async () => {
  const cluster = await createFakeCluster(['n1', 'n2']);
  const [one] = cluster.nodes as [FakeClusterNode];
  await assert.rejects(one.execute({ type: 'preview', system: 'no', target: { to: 'system' } }), {
    code: 'unknown_system',
  });
});
