import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redisOptionsOfUrl, whereIsRedis } from '../../../src/backends/redis-options.ts';

test('a URL says address, user, password, database and TLS', () => {
  assert.deepEqual(redisOptionsOfUrl('rediss://bob:a%3Ab@redis.example:7000/3', 100), {
    servers: { kind: 'standalone', host: 'redis.example', port: 7000 },
    username: 'bob',
    password: 'a:b',
    db: 3,
    tls: {},
    timeoutMs: 100,
  });
  const plain = redisOptionsOfUrl('redis://[::1]', 100);
  assert.deepEqual(plain.servers, { kind: 'standalone', host: '::1', port: 6379 });
  assert.deepEqual([plain.username, plain.password, plain.db, plain.tls], [undefined, undefined, 0, undefined]);
});

test('where Redis is, in words, has no secrets', () => {
  const nodes = [
    { host: 'a', port: 1 },
    { host: '::2', port: 2 },
  ];
  const common = { password: 'secret', timeoutMs: 100 };
  const where = [
    whereIsRedis({ ...common, servers: { kind: 'standalone', host: 'a', port: 1 } }),
    whereIsRedis({ ...common, servers: { kind: 'sentinel', name: 'main', sentinels: nodes, password: 'secret' } }),
    whereIsRedis({ ...common, servers: { kind: 'cluster', nodes } }),
  ];
  assert.deepEqual(where, ['a:1', 'main of the Sentinels a:1, [::2]:2', 'the Redis Cluster of a:1, [::2]:2']);
});
