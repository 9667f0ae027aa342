import assert from 'node:assert/strict';
import test from 'node:test';
import { clusterStats, nodeStats } from '../../../support/node-stats.ts';
import { startDoors } from './harness.ts';

const json = (text: string) => JSON.parse(text);
const two = [nodeStats({ node: 'n1', rpcAddress: '10.1.0.1:1666' }), nodeStats({ node: 'a/b' })];

test('nodes are listed with what each counts, and those that do not answer are named', async (t) => {
  let missing: string[] = [];
  const doors = await startDoors(t, { stats: () => clusterStats(5, two, missing) });
  assert.deepEqual(json((await doors.ask('/admin/v1/nodes')).text), { items: two, total: 2 });
  missing = ['n3'];
  assert.deepEqual(json((await doors.ask('/admin/v1/nodes')).text), { items: two, total: 3, missingNodes: ['n3'] });
  assert.deepEqual(doors.judged, ['inspect', 'inspect']);
});

test('one node is shown by its id; one that is silent is unavailable, and a stranger unknown', async (t) => {
  const doors = await startDoors(t, { stats: () => clusterStats(5, two, ['n3']) });
  assert.deepEqual(json((await doors.ask('/admin/v1/nodes/n1')).text), two[0]);
  assert.deepEqual(json((await doors.ask('/admin/v1/nodes/a%2Fb')).text), two[1]);
  const silent = await doors.ask('/admin/v1/nodes/n3');
  assert.deepEqual([silent.status, json(silent.text).error.code], [503, 'unavailable']);
  const stranger = await doors.ask('/admin/v1/nodes/n4');
  assert.deepEqual([stranger.status, json(stranger.text).error.code], [404, 'unknown_node']);
});

test('a ping asks for the node, changes nothing and is taken by a draining node', async (t) => {
  const answer = { node: 'a/b', from: 'n1', ms: 0.4 };
  const doors = await startDoors(t, { pingNode: () => answer }, { isDraining: () => true });
  const { status, text } = await doors.ask('/admin/v1/nodes/a%2Fb/ping', { method: 'POST' });
  assert.deepEqual([status, json(text)], [200, answer]);
  assert.deepEqual(doors.commands, [{ type: 'pingNode', node: 'a/b' }]);
  assert.deepEqual(doors.judged, ['inspect']);
});

test('a drain has a rate that ends one day', async (t) => {
  const doors = await startDoors(t, { drainNode: () => ({ node: 'n1', clients: 3 }) });
  for (const [rate, status] of [
    ['5e-324', 400],
    ['0', 400],
    ['-1', 400],
    ['1e7', 400],
    ['0.001', 200],
  ] as const) {
    assert.equal((await doors.post('/admin/v1/nodes/n1/drain', `{"perSecond":${rate}}`)).status, status, rate);
  }
});
