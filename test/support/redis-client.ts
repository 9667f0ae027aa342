import { Cluster, Redis } from 'ioredis';
import type { RedisClient } from '../../src/backends/redis-script.ts';
import type { Scope } from './services/scope.ts';

const quick = {
  protocol: 2,
  lazyConnect: true,
  connectTimeout: 500,
  commandTimeout: 500,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  retryStrategy: () => 50,
} as const;

/** A connection that tries again soon, and ends with the test. */
export function connectRedis(t: Scope, port: number): Redis {
  const client = new Redis(port, '127.0.0.1', quick);
  client.on('error', () => {});
  t.after(async () => client.disconnect());
  return client;
}

/** To the nodes of a Redis Cluster. */
export function connectRedisCluster(t: Scope, ports: readonly number[]): RedisClient {
  const nodes = ports.map((port) => ({ host: '127.0.0.1', port }));
  const client = new Cluster(nodes, { lazyConnect: true, clusterRetryStrategy: () => 50, redisOptions: { ...quick } });
  client.on('error', () => {});
  t.after(async () => client.disconnect());
  return client;
}
