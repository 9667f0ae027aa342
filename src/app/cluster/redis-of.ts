import type { RedisOptions, RedisServers } from '../../backends/redis-options.ts';
import type { Config } from '../../config/schema.ts';
import { readTls } from './server-options.ts';

/** Where Redis is and how one gets in. Throws `StartError` (78). */
export function redisOptionsOf({ redis }: Pick<Config, 'redis'>): RedisOptions {
  const { username, password, db, tls, timeoutMs } = redis;
  return {
    servers: serversOf(redis),
    ...{ username, password, db, timeoutMs },
    tls: tls.enabled ? readTls('redis.tls', tls) : undefined,
  };
}

function serversOf({ host, port, sentinels, sentinelName, sentinelPassword, nodes }: Config['redis']): RedisServers {
  if (nodes.length > 0) return { kind: 'cluster', nodes };
  if (sentinels.length === 0) return { kind: 'standalone', host, port };
  return { kind: 'sentinel', sentinels, name: sentinelName ?? '', password: sentinelPassword };
}
