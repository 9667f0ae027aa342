import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeCluster, type FakeClusterNode } from '../../../support/fake-cluster.ts';

test('a node measures the way to another and back, and answers for itself', async () => {
  const cluster = await createFakeCluster();
  const [one] = cluster.nodes as [FakeClusterNode];
  const there = await one.execute({ type: 'pingNode', node: 'n2' });
  assert.deepEqual({ ...there, ms: undefined }, { node: 'n2', from: 'n1', ms: undefined });
  assert.ok((there.ms ?? 0) > 0 && (there.ms ?? 0) < 2000);
  assert.deepEqual(await one.execute({ type: 'pingNode', node: 'n1' }), { node: 'n1', from: 'n1', ms: 0 });
  await assert.rejects(one.execute({ type: 'pingNode', node: 'n9' }), { code: 'unknown_node' });
});

test('a node without others answers for itself alone', async () => {
  const cluster = await createFakeCluster(['n1']);
  const [one] = cluster.nodes as [FakeClusterNode];
  assert.deepEqual(await one.execute({ type: 'pingNode', node: 'n1' }), { node: 'n1', from: 'n1', ms: 0 });
  await assert.rejects(one.execute({ type: 'pingNode', node: 'n2' }), { code: 'unknown_node' });
});

test('a node that is silent has no time, and is no stranger', async () => {
  const cluster = await createFakeCluster(['n1', 'n2'], { deadlineMs: 20 });
  const [one] = cluster.nodes as [FakeClusterNode];
  cluster.hub.hold('n1', 'n2');
  assert.deepEqual(await one.execute({ type: 'pingNode', node: 'n2' }), { node: 'n2', from: 'n1' });
});
