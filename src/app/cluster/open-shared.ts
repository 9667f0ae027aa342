import { join } from 'node:path';
import { openRedis } from '../../backends/redis.ts';
import type { RedisLink } from '../../backends/redis-link.ts';
import type { RedisOptions } from '../../backends/redis-options.ts';
import type { RedisClient } from '../../backends/redis-script.ts';
import type { Config } from '../../config/schema.ts';
import { HeldLeases } from '../../directory/held-leases.ts';
import type { Claim } from '../../directory/leases.ts';
import { RedisLeases } from '../../directory/redis/leases.ts';
import type { ClusteredNode } from '../../routing/cluster/clustered-node.ts';
import { KeptCopy } from '../../store/redis/kept-copy.ts';
import { RedisStores } from '../../store/redis/stores.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Owned } from '../owned.ts';
import { redisOptionsOf, textOfServers } from '../servers-of.ts';
import type { Identity } from '../stores.ts';
import { agreedTerms } from './agreed-terms.ts';

/** What the nodes of a cluster have in common, as this one has it. */
export interface Shared {
  readonly redis: RedisLink<RedisClient>;
  readonly leases: HeldLeases;
  readonly claim: Claim;
  readonly stores: RedisStores;
  /** From now on the other nodes are told of what is written. */
  connect(clustered: Pick<ClusteredNode, 'tellStores'>): void;
}

export interface OpenSharedOptions {
  readonly config: Config;
  readonly identity: Identity;
  readonly log: Logger;
}

/** Connects to Redis and takes the lease of this node. Throws `StartError`. */
export async function openShared({ config, identity, log }: OpenSharedOptions, owned: Owned): Promise<Shared> {
  const redisOptions = redisOptionsOf(config);
  const redis = await openRedis(redisOptions);
  owned.add('the connection to Redis', () => redis.close());
  const subscriber = await openSubscriber(redisOptions, owned);
  const redisLeases = new RedisLeases({
    client: redis.client,
    ...(subscriber && { subscriber: subscriber.client }),
    cluster: config.cluster.name,
    nodeId: identity.nodeId,
    dataDirectory: identity.dataDirectory,
    address: textOfServers(redisOptions.servers),
    terms: agreedTerms(config, identity.cryptoKey),
    reasonOf: (error) => redis.reasonOf(error),
    timeoutMs: redisOptions.timeoutMs,
  });
  const leases = new HeldLeases(redisLeases);
  owned.add('the lease', () => leases.release());
  const claim = await leases.claim();
  let tellOthers: (news: string) => Promise<unknown> = async () => {};
  const stores = new RedisStores({
    client: redis.client,
    cluster: config.cluster.name,
    notify: (news) => tellOthers(news),
    hasOthers: () => leases.members.some(({ id }) => id !== identity.nodeId),
    kept: openKeptCopy(identity, config.cluster.name, log),
    onWaiting: (ms) =>
      log.info(
        { waitsForMs: ms },
        'Redis knows no systems, keys and bans of this cluster, or not all: nodes that know them have some seconds to give them back. The first start of a cluster waits so, and one after Redis lost its data',
      ),
    reasonOf: (error) => redis.reasonOf(error),
    timeoutMs: redisOptions.timeoutMs,
  });
  owned.add('the stores in Redis', () => stores.close());
  stores.onFailure((failure) => {
    if (failure === undefined) log.info('systems, keys and bans can be changed again');
    else log.warn({ failure }, 'systems, keys and bans are known as they were, and cannot be changed');
  });
  await stores.open();
  await stores.systems.addAll(config.systems.list, Date.now());
  return {
    ...{ redis, leases, claim, stores },
    connect: (clustered) => {
      tellOthers = (news) => clustered.tellStores(news);
    },
  };
}

/** What this node knows of the cluster is kept in its data directory. */
function openKeptCopy({ dataDirectory }: Identity, cluster: string, log: Logger): KeptCopy {
  const file = join(dataDirectory, `cluster-${cluster}.json`);
  return new KeptCopy({
    file,
    onFailure: (failure) => {
      if (failure === undefined) log.info({ file }, 'what this node knows of the cluster is kept again');
      else
        log.warn(
          { file, failure },
          'what this node knows of the cluster cannot be kept, and is lost with it if Redis is',
        );
    },
    onSetAside: (path, reason) =>
      log.warn(
        { file, path, reason },
        'the kept systems, keys and bans were damaged, and are set aside: Redis has them',
      ),
  });
}

/** Of a Redis Cluster the leases have a connection of their own. */
async function openSubscriber(options: RedisOptions, owned: Owned): Promise<RedisLink<RedisClient> | undefined> {
  if (options.servers.kind === 'cluster') return undefined;
  const subscriber = await openRedis({ ...options, use: 'subscribing' });
  owned.add('the subscription to Redis', () => subscriber.close());
  return subscriber;
}
