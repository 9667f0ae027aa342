import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClusterProcess, startCluster } from '../support/cluster-process.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/services/redis.ts';

async function endedWithin(node: ClusterProcess, ms: number): Promise<number | NodeJS.Signals> {
  const began = performance.now();
  const code = await node.ended();
  const tookMs = Math.round(performance.now() - began);
  assert.ok(tookMs < ms, `it took ${tookMs} ms: ${node.said}`);
  return code;
}

test('a node that starts while Redis is down ends with 1 within 10 s, and names the address and what to do', async (t) => {
  const redis = await startRedis(t);
  const { port } = redis;
  await redis.stop();
  const cluster = await startCluster(t, { redis: { port }, bus: 'rpc', nodes: 1, start: false, isNew: true });
  const node = cluster.node(0);
  node.launch();
  assert.equal(await endedWithin(node, 10_000), 1);
  assert.ok(node.said.includes(`Redis at 127.0.0.1:${port} cannot be asked`), node.said);
  assert.match(node.said, /start Redis, or check redis\.host/);
  assert.doesNotMatch(node.said, /\n\s+at /);
});

test('a node without the password of Redis, or with another one, ends with 78 and names the setting', async (t) => {
  const { port } = await startRedis(t, { args: ['--requirepass', 'right'] });
  const nodeWith = async (env: Readonly<Record<string, string>>) => {
    const cluster = await startCluster(t, { redis: { port }, bus: 'rpc', nodes: 1, start: false, env, isNew: true });
    return cluster.node(0);
  };
  for (const env of [{}, { YUNQUE_REDIS_PASSWORD: 'nonsense' }]) {
    const node = await nodeWith(env);
    node.launch();
    assert.equal(await endedWithin(node, 10_000), 78, node.said);
    assert.match(node.said, /NOAUTH|WRONGPASS/);
    assert.match(node.said, /redis\.password[\s\S]*YUNQUE_REDIS_PASSWORD/);
    assert.doesNotMatch(node.said, /nonsense|\n\s+at /);
  }
  await (await nodeWith({ YUNQUE_REDIS_PASSWORD: 'right' })).start();
});

for (const bus of ['redis', 'rpc'] as const) {
  test(`over ${bus}: nodes that are stopped while Redis is down send their clients away and end in order, within their hard limit`, async (t) => {
    const redis = await startRedis(t);
    const set = ['drain.duration=2s', 'drain.hardLimit=15s'];
    const cluster = await startCluster(t, { redis: { port: redis.port }, bus, nodes: 2, set });
    const [first, second] = cluster.nodes;
    assert.ok(first && second);
    const clients = await Promise.all([first.join('json'), first.join('yunque'), second.join('json')]);
    await redis.stop();
    await eventually(
      'they have noticed',
      async () => {
        const { health } = await second.admin.stats();
        return health.reasons.some((reason) => reason.includes('Redis'));
      },
      15_000,
    );
    first.signal('SIGTERM');
    assert.equal(await endedWithin(first, 15_000), 0, first.said);
    for (const client of clients.slice(0, 2)) assert.equal((await client.closed).code, 4001);
    // It has said goodbye: nobody misses it, although its lease cannot be released.
    assert.deepEqual((await second.admin.stats()).missingNodes, []);
    assert.equal(clients[2]?.ended, undefined);
    second.signal('SIGTERM');
    assert.equal(await endedWithin(second, 15_000), 0, second.said);
  });
}
