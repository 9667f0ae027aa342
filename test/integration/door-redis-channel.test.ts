import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { redisOptionsOfUrl } from '../../src/backends/redis-options.ts';
import { type ChannelSourceOptions, createChannelSource } from '../../src/ingress/queue/sources/channel.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { connectRedis, connectRedisCluster, startOneNodeCluster } from '../support/redis-client.ts';
import { startRedis } from '../support/services/redis.ts';
import { numbers, startSource } from '../support/source-probe.ts';

const redis = await startRedis({ after });
const client = connectRedis({ after }, redis.port, { commandTimeout: 5000 });
let made = 0;

function openPlace(t: TestContext) {
  made += 1;
  const channel = `channel-${made}`;
  const logged: Readonly<Record<string, unknown>>[] = [];
  return {
    channel,
    logged,
    hear: (
      over: Partial<ChannelSourceOptions> & { wire?: number } = {},
      before?: Parameters<typeof startSource>[2],
    ) => {
      const { wire = redis.port, ...changed } = over;
      const options = {
        redis: redisOptionsOfUrl(`redis://127.0.0.1:${wire}`, 500),
        ...{ channel, door: 'channel:test', parkWithinMs: 300 },
        warn: (fields: Readonly<Record<string, unknown>>) => logged.push(fields),
      };
      return startSource(t, createChannelSource({ ...options, ...changed }), before);
    },
    publish: (texts: readonly string[]) => Promise.all(texts.map((text) => client.publish(channel, text))),
  };
}

type Probe = ReturnType<ReturnType<typeof openPlace>['hear']>;
const isIn = (state: string, { source }: Probe) =>
  eventually(`it is ${state}`, () => source.status.state === state, 15_000);
const hasTaken = (probe: Probe, text: string) => eventually(`${text} is taken`, () => probe.taken.includes(text));

test('every node hears everything, in order', async (t) => {
  const place = openPlace(t);
  const probes = [place.hear(), place.hear()];
  for (const probe of probes) await isIn('reading', probe);
  await place.publish(numbers(2000));
  for (const probe of probes) {
    await hasTaken(probe, '1999');
    assert.deepEqual(probe.taken, numbers(2000));
    assert.ok(probe.batches.length < 2000);
  }
});

test('what does not fit while nothing can be handed on is dropped and counted, and the socket is read on', async (t) => {
  const place = openPlace(t);
  const held = Promise.withResolvers<void>();
  let isHeld = false;
  const probe = place.hear({ maxQueueBytes: 100 * (1000 + 128) }, () => {
    isHeld = true;
    return held.promise;
  });
  await isIn('reading', probe);
  await place.publish(['first']);
  await eventually('it is under way', () => isHeld);
  const texts = numbers(500).map((text) => text.padEnd(1000, ' '));
  await place.publish(texts);
  await eventually('all were heard', () => probe.figure('overflowed') === 400);
  held.resolve();
  await eventually('the rest is taken', () => probe.taken.length === 101);
  assert.deepEqual(probe.taken.slice(1), texts.slice(0, 100), 'the oldest are kept');
  await place.publish(['after']);
  await hasTaken(probe, 'after');
});

test('CLIENT KILL TYPE pubsub: heard again, and the gap is counted', async (t) => {
  const place = openPlace(t);
  const probe = place.hear();
  await isIn('reading', probe);
  await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await eventually('it has noticed', () => probe.figure('gaps') === 1);
  await isIn('reading', probe);
  await place.publish(['after']);
  await hasTaken(probe, 'after');
  assert.equal(probe.figure('reconnects'), 1);
  assert.ok(probe.states.includes('failing'));
});

test('a reader too slow for Redis, which cuts it off, comes back by itself', async (t) => {
  const place = openPlace(t);
  const proxy = await startFaultProxy(t, redis);
  await client.config('SET', 'client-output-buffer-limit', 'pubsub 1mb 1mb 0');
  const probe = place.hear({ wire: proxy.port });
  await isIn('reading', probe);
  proxy.slow({ bytesPerSecond: 100_000 });
  const body = 'x'.repeat(100_000);
  for (let at = 0; at < 100 && probe.figure('gaps') === 0; at += 1) await place.publish([body]);
  await eventually('it is cut off', async () => !/cmd=subscribe/.test(String(await client.call('CLIENT', 'LIST'))));
  await proxy.pass();
  await eventually('it has noticed', () => probe.figure('gaps') >= 1, 15_000);
  await isIn('reading', probe);
  await place.publish(['after']);
  await hasTaken(probe, 'after');
});

test('a wire that swallows everything is left', async (t) => {
  const place = openPlace(t);
  const proxy = await startFaultProxy(t, redis);
  const probe = place.hear({ wire: proxy.port });
  await isIn('reading', probe);
  proxy.blackhole();
  await isIn('failing', probe);
  assert.match(probe.source.status.failure ?? '', /^Redis at 127\.0\.0\.1:\d+: \S/);
  await proxy.pass();
  await isIn('reading', probe);
  await place.publish(['after']);
  await hasTaken(probe, 'after');
});

test('poison that all nodes hear is parked by one of them, once', async (t) => {
  const place = openPlace(t);
  const probes = [place.hear(), place.hear(), place.hear()];
  for (const probe of probes) await isIn('reading', probe);
  await place.publish(['poison one', 'good', 'poison two']);
  for (const probe of probes) await eventually('all have judged', () => probe.figure('parked') === 2);
  const letters = await client.xrange(`${place.channel}.dead`, '-', '+');
  const about = ['reason', 'not a push', 'door', 'channel:test', 'source', place.channel];
  assert.deepEqual(
    letters.map(([, fields]) => fields),
    [
      [...about, 'data', 'poison one'],
      [...about, 'data', 'poison two'],
    ],
  );
});

test('poison that cannot be parked goes into the log, and stops nothing', async (t) => {
  const place = openPlace(t);
  await client.set(`${place.channel}.dead`, 'no stream');
  const probe = place.hear();
  await isIn('reading', probe);
  await place.publish(['poison', 'good']);
  await eventually('it is counted', () => probe.figure('unparked') === 1);
  await place.publish(['later']);
  await hasTaken(probe, 'later');
  assert.equal(Buffer.from(String(place.logged[0]?.['body']), 'base64').toString(), 'poison');
});

test('Redis that is not there yet is connected to when it is', async (t) => {
  const place = openPlace(t);
  const proxy = await startFaultProxy(t, redis);
  await proxy.refuse();
  const probe = place.hear({ wire: proxy.port });
  await isIn('failing', probe);
  await proxy.pass();
  await isIn('reading', probe);
  assert.equal(probe.figure('gaps'), 0);
});

test('in a Redis Cluster it is heard, and poison is parked', async (t) => {
  const node = await startOneNodeCluster(t);
  const cluster = connectRedisCluster(t, [node.port]);
  const servers = { kind: 'cluster', nodes: [{ host: '127.0.0.1', port: node.port }] } as const;
  const place = openPlace(t);
  const probe = place.hear({ redis: { servers, timeoutMs: 500 } });
  await isIn('reading', probe);
  await cluster.publish(place.channel, 'poison');
  await eventually('it is parked', async () => (await cluster.xlen(`${place.channel}.dead`)) === 1);
});
