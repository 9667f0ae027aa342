import type { RedisOptions, RedisServers } from '../../backends/redis-options.ts';
import type { Config } from '../../config/schema.ts';
import { readTls, textOfPlace } from './server-options.ts';

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

/** For messages: where it is looked for. */
export function textOfServers(servers: RedisServers): string {
  switch (servers.kind) {
    case 'standalone':
      return textOfPlace(servers);
    case 'sentinel':
      return `${servers.name} of the Sentinels ${servers.sentinels.map(textOfPlace).join(', ')}`;
    case 'cluster':
      return servers.nodes.map(textOfPlace).join(', ');
    default:
      return servers satisfies never;
  }
}
