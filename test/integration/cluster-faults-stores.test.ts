import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClusterProcess, startCluster } from '../support/cluster-process.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { connectRedis } from '../support/redis-client.ts';
import { freePort } from '../support/services/free-port.ts';
import { startRedis } from '../support/services/redis.ts';

/** What a push without a key is answered; undefined as long as nobody listens. */
async function unkeyed(node: ClusterProcess): Promise<number | undefined> {
  const answer = await node.post('/send', { receiver: 'nobody', action: 'x' }).catch(() => undefined);
  return answer?.status;
}

/** Redis loses its data again and again until the node has looked. */
async function launchWithoutData(node: ClusterProcess, lose: () => Promise<unknown>): Promise<void> {
  node.launch();
  await eventually(
    'it has found Redis empty',
    async () => {
      await lose();
      return /waitsForMs|"msg":"serving"/.test(node.said);
    },
    20_000,
  );
}

/** Asks all of them, as fast as they answer, until `ms` after the last has begun to serve; every answer there was. */
async function unkeyedMeanwhile(nodes: readonly ClusterProcess[], ms: number): Promise<ReadonlySet<number>> {
  const seen = new Set<number>();
  let servesSince: number | undefined;
  await eventually(
    'all of them serve, and have been asked for long enough',
    async () => {
      const answers = await Promise.all(nodes.map(unkeyed));
      for (const status of answers) if (status !== undefined) seen.add(status);
      servesSince ??= answers.includes(undefined) ? undefined : performance.now();
      return servesSince !== undefined && performance.now() - servesSince > ms;
    },
    40_000,
  );
  return seen;
}

test('a keyed system is open nowhere and at no time when Redis loses everything: while a new node starts, one starts again, and all do', async (t) => {
  const redis = await startRedis(t);
  const direct = connectRedis(t, redis.port);
  const cluster = await startCluster(t, { redis: { port: redis.port }, bus: 'rpc', nodes: 3, start: false });
  const [first, second, fresh] = cluster.nodes as [ClusterProcess, ClusterProcess, ClusterProcess];
  await Promise.all([first.start(), second.start()]);
  await first.admin.rotateKey({ owner: 'system', system: 'default', role: 'push' });
  const refused = await unkeyed(first);
  assert.ok(refused === 401 || refused === 403, `${refused}`);
  fresh.port = await freePort();
  await launchWithoutData(fresh, () => direct.flushall());
  assert.deepEqual([...(await unkeyedMeanwhile([first, second, fresh], 2000))], [refused], 'a new node');
  await fresh.kill();

  await second.kill();
  await launchWithoutData(second, () => direct.flushall());
  assert.deepEqual([...(await unkeyedMeanwhile([first, second], 2000))], [refused], 'a node that starts again');

  await direct.del(`${cluster.name}:{store}:keyed`, `${cluster.name}:{store}:keys`);
  await second.kill();
  second.launch();
  assert.deepEqual([...(await unkeyedMeanwhile([first, second], 2000))], [refused], 'a part was lost');

  await Promise.all([first.kill(), second.kill()]);
  await direct.flushall();
  second.launch();
  assert.deepEqual([...(await unkeyedMeanwhile([second], 1000))], [refused], 'all were down');
});

test('a user who is banned, and a system that is removed, while their node cannot be told lose their connections there all the same', async (t) => {
  const redis = await startRedis(t);
  const ports = await Promise.all([0, 1].map(() => freePort()));
  const proxies = await Promise.all(ports.map((port) => startFaultProxy(t, { port })));
  const setOf = (index: number) => [
    `cluster.rpcPort=${ports[index]}`,
    `cluster.advertise=127.0.0.1:${proxies[index]?.port}`,
  ];
  const cluster = await startCluster(t, { redis: { port: redis.port }, bus: 'rpc', nodes: 2, setOf });
  const [first, second] = cluster.nodes as [ClusterProcess, ClusterProcess];
  await first.admin.addSystem('shop');
  const banned = await second.join('cim-json', { bind: { uid: 'banned', deviceId: 'd', channel: 'web' } });
  const other = await second.join('cim-json', { bind: { uid: 'other', deviceId: 'd', channel: 'web' } });
  const inShop = await second.join('json', { system: 'shop' });
  await Promise.all(proxies.map((proxy) => proxy.refuse()));
  await eventually('it cannot be told', async () => (await first.admin.stats()).missingNodes.join() === second.id);
  const missing = [await first.admin.ban('banned', { forMs: 600_000 }), await first.admin.removeSystem('shop')];
  assert.deepEqual(
    missing.map(({ missingNodes }) => missingNodes),
    [[second.id], [second.id]],
  );
  const { code, reason } = await banned.closed;
  assert.deepEqual([code, /^banned until/.test(reason)], [4503, true]);
  assert.equal((await inShop.closed).code, 4507);
  assert.equal(other.ws.readyState, other.ws.OPEN);
});

test('the first start of a cluster waits for nodes that may know it, and says so; the next one does not', async (t) => {
  const redis = await startRedis(t);
  const cluster = await startCluster(t, { redis: { port: redis.port }, bus: 'rpc', isNew: true });
  const [first, second] = cluster.nodes as [ClusterProcess, ClusterProcess];
  for (const { said } of [first, second]) assert.match(said, /"waitsForMs":7000.*Redis knows no systems/);
  await first.stop();
  await first.start();
  assert.doesNotMatch(first.said, /waitsForMs/);
});
