import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { type RedisOptions, redisOptionsOfUrl } from '../../src/backends/redis-options.ts';
import { testBus } from '../contract/bus.ts';
import { eventually } from '../support/eventually.ts';
import { busesOn, newChannel, startBus } from '../support/redis-buses.ts';
import { startRedisCluster, startSentinelGroup } from '../support/redis-groups.ts';
import { startRedis } from '../support/services/redis.ts';

const timeoutMs = 1000;
const shared = startRedis({ after });
testBus(
  'redis',
  busesOn(async () => redisOptionsOfUrl((await shared).url, timeoutMs)),
);

const nodes = startRedisCluster({ after });
const clusterOptions = async (): Promise<RedisOptions> => {
  const seeds = (await nodes).map(({ host, port }) => ({ host, port }));
  return { servers: { kind: 'cluster', nodes: seeds.slice(0, 2) }, timeoutMs };
};
testBus('redis, in a Redis Cluster', busesOn(clusterOptions));

test('a bus in a Redis Cluster finds another node when one dies, and says meanwhile why not', async (t: TestContext) => {
  const own = await startRedisCluster(t);
  const seeds = own.map(({ host, port }) => ({ host, port }));
  const redis: RedisOptions = { servers: { kind: 'cluster', nodes: seeds.slice(0, 1) }, timeoutMs: 500 };
  const channel = newChannel();
  const buses = await Promise.all([1, 2, 3, 4].map(() => startBus(t, { redis, channel })));
  await own[0]?.stop();
  await eventually('those that were on it have noticed', () => buses.some(({ bus }) => bus.figures()['outages'] !== 0));
  await eventually('all work again', () => buses.every(({ bus }) => bus.failure === undefined), 20_000);
  for (const { bus } of buses) await bus.broadcast(Buffer.from('still here'));
  for (const { heard } of buses) await eventually('all are heard', () => heard.length === buses.length);
});

test('a bus behind Sentinels follows the primary when it dies', async (t: TestContext) => {
  const { primary, sentinelPort, name } = await startSentinelGroup(t);
  const servers = { kind: 'sentinel', name, sentinels: [{ host: '127.0.0.1', port: sentinelPort }] } as const;
  const options = { redis: { servers, timeoutMs: 500 }, channel: newChannel() };
  const [one, other] = [await startBus(t, options), await startBus(t, options)];
  await one.bus.broadcast(Buffer.from('before'));
  await eventually('it is heard', () => other.heard.includes('before'));
  await primary.stop();
  await eventually('both have noticed', () => [one, other].every(({ bus }) => bus.failure !== undefined));
  await assert.rejects(one.bus.broadcast(Buffer.from('meanwhile')), /^Error: nothing is published on Redis at main of/);
  await eventually('both follow', () => [one, other].every(({ bus }) => bus.failure === undefined), 20_000);
  await one.bus.broadcast(Buffer.from('after'));
  await eventually('it is heard', () => other.heard.includes('after'));
  assert.deepEqual(other.heard, ['before', 'after']);
});
