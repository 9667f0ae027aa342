import { openRedis } from '../../backends/redis.ts';
import type { RedisLink } from '../../backends/redis-link.ts';
import type { RedisClient } from '../../backends/redis-script.ts';
import type { Config } from '../../config/schema.ts';
import type { Claim, Leases } from '../../directory/leases.ts';
import { RedisLeases } from '../../directory/redis/leases.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Owned } from '../owned.ts';
import type { Identity, Stores } from '../stores.ts';
import { redisOptionsOf } from './redis-of.ts';

/** What the nodes of a cluster have in common, as this one has it. */
export interface Shared {
  readonly redis: RedisLink<RedisClient>;
  readonly leases: Leases;
  readonly claim: Claim;
  readonly stores: Pick<Stores, 'systems' | 'keys' | 'bans'>;
}

export interface OpenSharedOptions {
  readonly config: Config;
  readonly identity: Identity;
  readonly log: Logger;
  /** Told of systems that other nodes have removed. */
  readonly onSystemRemoved: (system: string) => void;
}

/** Connects to Redis and takes the lease of this node. Throws `StartError`. */
export async function openShared({ config, identity, log }: OpenSharedOptions, owned: Owned): Promise<Shared> {
  const redisOptions = redisOptionsOf(config);
  const redis = await openRedis(redisOptions);
  owned.add('the connection to Redis', () => redis.close());
  const subscriber = await openRedis({ ...redisOptions, use: 'subscribing' });
  owned.add('the subscription to Redis', () => subscriber.close());
  const leases = new RedisLeases({
    client: redis.client,
    subscriber: subscriber.client,
    cluster: config.cluster.name,
    nodeId: identity.nodeId,
    dataDirectory: identity.dataDirectory,
    cryptoKey: identity.cryptoKey,
    reasonOf: (error) => redis.reasonOf(error),
    timeoutMs: redisOptions.timeoutMs,
  });
  owned.add('the lease', () => leases.release());
  const claim = await leases.claim();
  const { MemorySystems } = await import('../../store/memory-systems.ts');
  const { MemoryKeys } = await import('../../store/memory-keys.ts');
  const { MemoryBans } = await import('../../store/memory-bans.ts');
  void log;
  return {
    redis,
    leases,
    claim,
    stores: { systems: new MemorySystems(), keys: new MemoryKeys(), bans: new MemoryBans() },
  };
}
