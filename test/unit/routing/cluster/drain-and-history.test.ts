import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeCluster, type FakeClusterNode } from '../../../support/fake-cluster.ts';

test('a node is drained and resumed through another, and one that is unknown or silent is named', async () => {
  const asked: unknown[] = [];
  const drain = {
    begin: (perSecond: number | undefined) => {
      asked.push(perSecond);
      return 7;
    },
    end: () => asked.push('end') > 0,
  };
  const cluster = await createFakeCluster(['n1', 'n2'], { deadlineMs: 50, overrides: { drain } });
  const [one] = cluster.nodes as [FakeClusterNode];
  assert.deepEqual(await one.execute({ type: 'drainNode', node: 'n2', perSecond: 200 }), { node: 'n2', clients: 7 });
  assert.deepEqual(await one.execute({ type: 'resumeNode', node: 'n2' }), { node: 'n2', wasDrained: true });
  assert.deepEqual(await one.execute({ type: 'drainNode', node: 'n1' }), { node: 'n1', clients: 7 });
  assert.deepEqual(asked, [200, 'end', undefined]);
  await assert.rejects(one.execute({ type: 'drainNode', node: 'n9' }), {
    code: 'unknown_node',
    hint: 'there are: n1, n2',
  });
  cluster.hub.hold('n1', 'n2');
  await assert.rejects(one.execute({ type: 'drainNode', node: 'n2' }), { code: 'unavailable', missingNodes: ['n2'] });
  assert.equal(asked.length, 3);
});

test('the history of a user is of all nodes, oldest first, with who is connected now and the nodes that did not answer', async () => {
  const cluster = await createFakeCluster(['n1', 'n2'], { deadlineMs: 50 });
  const [one, two] = cluster.nodes as [FakeClusterNode, FakeClusterNode];
  const ask = (id: string) => two.execute({ type: 'history', system: 'default', id });
  // In the order of their names, which is that of events of one millisecond.
  const first = await one.login('alice');
  first.close('kicked', 'spam');
  await cluster.settled();
  const now = await two.login('alice');
  const history = await ask('alice');
  assert.deepEqual(
    history.items.map(({ node, type }) => [node, type]).filter(([, type]) => type !== 'connected'),
    [
      ['n1', 'bound'],
      ['n1', 'disconnected'],
      ['n2', 'bound'],
    ],
  );
  const end = history.items.find(({ type }) => type === 'disconnected');
  assert.ok(end?.type === 'disconnected' && end.code === 4503 && end.end !== undefined);
  assert.deepEqual(Object.keys(history.since).sort(), ['n1', 'n2']);
  assert.deepEqual(
    history.connections.map(({ node, cid }) => [node, cid]),
    [['n2', String(now.cid)]],
  );
  assert.deepEqual(
    (await ask(String(first.cid))).items.map(({ node }) => node),
    ['n1', 'n1', 'n1'],
  );
  assert.deepEqual((await ask('nobody')).items, []);
  await assert.rejects(two.execute({ type: 'history', system: 'none', id: 'alice' }), { code: 'unknown_system' });
  cluster.hub.hold('n2', 'n1');
  assert.deepEqual((await ask('alice')).missingNodes, ['n1']);
});
