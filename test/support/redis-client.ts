import { Cluster, Redis } from 'ioredis';
import type { RedisClient } from '../../src/backends/redis-script.ts';
import { eventually } from './eventually.ts';
import { startRedis } from './services/redis.ts';
import type { Scope } from './services/scope.ts';
import type { Service } from './services/service.ts';

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
export function connectRedis(t: Scope, port: number, { commandTimeout = 500 } = {}): Redis {
  const client = new Redis(port, '127.0.0.1', { ...quick, commandTimeout });
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

/** A Redis Cluster of one node, which is as strict about slots as a larger one. */
export async function startOneNodeCluster(t: Scope): Promise<Service> {
  const redis = await startRedis(t, { args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] });
  const direct = connectRedis(t, redis.port);
  await direct.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
  await eventually('all slots are there', async () => /cluster_state:ok/.test(String(await direct.cluster('INFO'))));
  return redis;
}
