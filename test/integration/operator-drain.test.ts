import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join as joinPath } from 'node:path';
import { describe, test } from 'node:test';
import { type ClusterProcess, serversFor, startCluster } from '../support/cluster-process.ts';
import { eventually } from '../support/eventually.ts';
import { startTestNode } from '../support/node.ts';
import { refusal } from '../support/refusal.ts';
import { startWorkers } from '../support/worker-node.ts';
import { connectRefused, join } from '../support/ws-clients.ts';

const push = { target: { to: 'system' }, push: { msg: 'still here' } } as const;

describe('a node that an operator drains', () => {
  test('is not ready, sends its clients away and takes no others, serves backends, and takes clients again when resumed', async () => {
    await using node = await startTestNode();
    const client = await join(node, 'yunque', { bind: { uid: 'alice' } });
    const [own] = (await node.admin.stats()).nodes;
    const id = own?.node ?? '';
    assert.deepEqual(await node.admin.drainNode(id, { perSecond: 100 }), { node: id, clients: 1 });
    assert.equal((await client.closed).code, 4001);
    await eventually('it is drained', async () => (await node.admin.node(id)).drain?.left === 0);

    assert.equal((await fetch(`${node.url}/readyz`)).status, 503);
    const refused = await connectRefused(node, 'yunque');
    assert.equal(refused.status, 503);
    assert.equal((await node.admin.send(push)).matched, 0);
    const stats = await node.admin.node(id);
    assert.deepEqual([stats.state, stats.drain], ['draining', { clients: 1, left: 0, isStaying: true }]);
    assert.deepEqual(stats.health, {
      verdict: 'degraded',
      reasons: [`drained, asked for by an operator; yunque node resume ${id} ends it`],
    });
    await assert.rejects(node.admin.drainNode('nowhere'), refusal('unknown_node'));

    assert.deepEqual(await node.admin.resumeNode(id), { node: id, wasDrained: true });
    assert.equal((await fetch(`${node.url}/readyz`)).status, 200);
    const back = await join(node, 'yunque', { bind: { uid: 'alice' } });
    const { items, connections } = await node.admin.history('alice');
    const end = items.find(({ type }) => type === 'disconnected');
    assert.ok(end?.type === 'disconnected' && end.code === 4001 && end.end?.queueBytes === 0);
    assert.deepEqual(
      connections.map(({ cid }) => cid),
      [back.cid],
    );
    const audit = await readFile(joinPath(node.dataDirectory, 'audit.jsonl'), 'utf8');
    const actions = audit
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      actions.map(({ action, outcome }) => [action, outcome]),
      [
        ['drainNode', 'ok'],
        ['drainNode', 'unknown_node'],
        ['resumeNode', 'ok'],
      ],
    );
    assert.deepEqual([actions[0].nodeId, actions[0].perSecond], [id, 100]);
  });

  test('stops at once, though a stop waits for balancers to notice', async () => {
    // Who waited once more would not be done within the limit.
    const node = await startTestNode({ set: ['drain.grace=3s'] });
    const [own] = (await node.admin.stats()).nodes;
    const client = await join(node, 'cim');
    await node.admin.drainNode(own?.node ?? '', { perSecond: 100 });
    client.ws.terminate();
    const began = performance.now();
    await eventually('balancers have noticed', () => performance.now() - began > 3100);
    await node.node.stop({ hardLimitMs: 2500 });
    await node[Symbol.asyncDispose]();
  });
});

test('in a cluster a node is drained through another, which serves on and knows what became of its clients', async (t) => {
  const { redis, env } = await serversFor(t, 'redis');
  const cluster = await startCluster(t, { redis, env, bus: 'rpc' });
  const [one, two] = cluster.nodes as [ClusterProcess, ClusterProcess];
  const client = await two.join('yunque', { bind: { uid: 'alice' } });
  const other = await one.join('yunque', { bind: { uid: 'bob' } });
  const slow = await one.admin.drainNode(two.id, { perSecond: 0.001 });
  assert.equal(slow.clients, 1);
  assert.equal((await client.closed).code, 4001);
  await eventually('n2 is drained', async () => (await one.admin.node(two.id)).drain?.left === 0);
  assert.deepEqual([(await fetch(`${one.url}/readyz`)).status, (await fetch(`${two.url}/readyz`)).status], [200, 503]);
  assert.equal((await connectRefused(two as never, 'yunque')).status, 503);
  // Its HTTP API is a way to the clients of the others.
  assert.equal((await two.admin.send(push)).delivered, 1);
  await other.message(({ content }) => content !== undefined || true);
  const { items, since } = await one.admin.history('alice');
  const end = items.at(-1);
  assert.ok(end?.type === 'disconnected' && end.node === two.id && end.code === 4001 && end.end !== undefined);
  assert.deepEqual(Object.keys(since).sort(), [one.id, two.id].sort());

  await two.stop();
  await two.start();
  await cluster.whenWhole();
  assert.equal((await one.admin.node(two.id)).state, 'serving');
  await two.join('yunque', { bind: { uid: 'alice' } });
  assert.equal((await one.admin.resumeNode(two.id)).wasDrained, false);
});

test('a worker is drained alone: the others get its clients', async (t) => {
  const node = await startWorkers(t);
  const crowd = await node.crowd();
  const [first, second] = await node.nodes();
  assert.ok(first !== undefined && second !== undefined);
  await node.admin.drainNode(first.node, { perSecond: 10_000 });
  await eventually('it is drained', async () => (await node.admin.node(first.node)).drain?.left === 0);
  await eventually('it has left the port', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => readiness(node.url)));
    return answers.every((status) => status === 200);
  });
  assert.equal(crowd.length, first.connections + second.connections);
  const away = crowd.find(({ ended }) => ended?.code === 4001);
  const { items, since } = await node.admin.history(away?.clientId ?? '');
  assert.deepEqual([items.at(-1)?.type, items.at(-1)?.node], ['disconnected', first.node]);
  assert.deepEqual(Object.keys(since).sort(), [first.node, second.node].sort());
  for (let n = 0; n < 20; n += 1) await node.connect('json');
  const drained = await node.admin.node(first.node);
  const serving = await node.admin.node(second.node);
  assert.deepEqual([drained.state, drained.connections], ['draining', 0]);
  assert.deepEqual([serving.state, serving.connections], ['serving', second.connections + 20]);
  const ofOperator = () => readiness(node.url, node.socketPath);
  assert.equal(await ofOperator(), 200);
  await node.admin.drainNode(second.node, { perSecond: 10_000 });
  await eventually('the port and the socket say that nobody takes clients', async () => {
    return (await ofOperator()) === 503 && (await readiness(node.url)) === 503;
  });
  assert.equal((await node.admin.resumeNode(first.node)).wasDrained, true);
  await eventually('the socket says that one does', async () => (await ofOperator()) === 200);
  assert.equal((await node.admin.resumeNode(second.node)).wasDrained, true);
  await node.crowd();
});

/** Over a connection of its own. */
async function readiness(url: string, socketPath?: string): Promise<number | undefined> {
  const asked = get(new URL('/readyz', url), { agent: false, ...(socketPath !== undefined && { socketPath }) });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}
