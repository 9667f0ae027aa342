import type { ClusterOptions, Redis } from 'ioredis';
import { RedisLink } from './redis-link.ts';
import { connectionOptions, type RedisOptions } from './redis-options.ts';
import type { RedisClient } from './redis-script.ts';
import { checkServer, createServerClient, ping } from './redis-server.ts';

export interface OpenRedisOptions extends RedisOptions {
  /** What it is for. Default `writing`: a replica will not do. On one for `subscribing` whoever has it subscribes at each `ready` of the client. */
  readonly use?: 'reading' | 'writing' | 'subscribing';
}

/**
 * A client for commands, wherever their keys are: the same one for as long as the link is open. Begins to connect and does not wait
 * for it: commands wait for the first connection up to the timeout, and reject at once while a later one is being made.
 */
export async function openRedis(options: OpenRedisOptions): Promise<RedisLink<RedisClient>> {
  const { servers, timeoutMs, use = 'writing' } = options;
  if (servers.kind === 'cluster') return openCluster(options);
  const client = await createServerClient(options, { enableReadyCheck: use === 'subscribing' });
  return new RedisLink<Redis>({
    client,
    timeoutMs,
    prepare: async () => {
      if (use !== 'subscribing') await checkServer(client, use);
    },
    probe: () => ping(client),
  });
}

async function openCluster(options: RedisOptions): Promise<RedisLink<RedisClient>> {
  const { servers, timeoutMs } = options;
  if (servers.kind !== 'cluster') throw new TypeError('not a Redis Cluster');
  const { Cluster } = await import('ioredis');
  // A connection of a node that comes or goes is the business of `Cluster`; one to all of them is ours.
  const clusterOptions = {
    lazyConnect: true,
    clusterRetryStrategy: null,
    // Names stay names, so that each connection resolves them and TLS can check them.
    dnsLookup: (name, callback) => callback(null, name),
    slotsRefreshTimeout: timeoutMs,
    // Its own timer outlives a client that is closed while it asks; the probe does it.
    slotsRefreshInterval: 0,
    // It would send again what may have been done; what a node refused (MOVED, CLUSTERDOWN, TRYAGAIN) was not.
    retryDelayOnFailover: 0,
    maxRedirections: 8,
    redisOptions: connectionOptions(options),
  } satisfies ClusterOptions;
  const nodes = servers.nodes.map(({ host, port }) => ({ host, port }));
  const client = new Cluster(nodes, clusterOptions);
  const probe = async (): Promise<void> => {
    const primaries = client.nodes('master');
    if (primaries.length === 0) throw new Error('no node of the Redis Cluster is left');
    await Promise.all(primaries.map(ping));
  };
  return new RedisLink<RedisClient>({
    client,
    timeoutMs,
    prepare: probe,
    probe: async () => {
      await probe();
      client.refreshSlotsCache();
    },
  });
}
