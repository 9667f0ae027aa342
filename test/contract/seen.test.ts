import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { MemorySeen } from '../../src/store/memory-seen.ts';
import { RedisSeen } from '../../src/store/redis/seen.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { connectRedis } from '../support/redis-client.ts';
import { startRedis } from '../support/services/redis.ts';
import { testSeen } from './seen.ts';

testSeen('in memory', async (limits) => {
  let now = 0;
  const seen = new MemorySeen({ ...limits, now: () => now });
  return {
    added: seen,
    asked: seen,
    pass: async (ms) => {
      now += ms;
    },
    [Symbol.asyncDispose]: async () => seen.close(),
  };
});

testSeen('in Redis, added on one node and asked for on another', async (limits) => {
  const ends: (() => Promise<void>)[] = [];
  const scope = { after: (end: () => Promise<void>) => void ends.push(end) };
  const { port } = await startRedis(scope);
  const open = () => new RedisSeen({ client: connectRedis(scope, port), cluster: 'test', ...limits });
  return {
    added: open(),
    asked: open(),
    pass: async (ms) => delay(ms),
    [Symbol.asyncDispose]: async () => {
      for (const end of ends.reverse()) await end();
    },
  };
});

test('a memory that nobody came to for two generations knows nothing', () => {
  let now = 0;
  const seen = new MemorySeen({ forMs: 1000, now: () => now });
  seen.add(['a']);
  now = 1999;
  assert.equal(seen.has(['a']).size, 1);
  now = 4000;
  assert.equal(seen.has(['a']).size, 0);
});

test('a Redis that is gone costs no call, is counted, and leaves what this node knows', async (t) => {
  const { port } = await startRedis(t);
  const cluster = 'test';
  const proxy = await startFaultProxy(t, { port });
  const seen = new RedisSeen({ client: connectRedis(t, proxy.port), cluster, timeoutMs: 200 });
  await seen.add(['before']);
  assert.equal(seen.figures.failed, 0);
  await proxy.refuse();
  await seen.add(['during']);
  assert.deepEqual([...(await seen.has(['before', 'during', 'other']))], ['before', 'during']);
  assert.equal(seen.figures.failed, 2);
  await proxy.pass();
  await eventually('Redis is asked again', async () => {
    const { failed } = seen.figures;
    await seen.add(['after']);
    return seen.figures.failed === failed;
  });
  const other = new RedisSeen({ client: connectRedis(t, port), cluster });
  assert.deepEqual([...(await other.has(['before', 'during', 'after']))], ['before', 'after']);
});
