import type { KafkaSasl } from '../backends/kafka.ts';
import type { RedisOptions, RedisServers } from '../backends/redis-options.ts';
import type { Config } from '../config/schema.ts';
import { readTls, type TlsTexts, textOfPlace } from './server-files.ts';

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

export interface RabbitServer {
  readonly url: string;
  readonly tls: TlsTexts;
}

/** RabbitMQ of `rabbitmq.*`. Throws `StartError` (78). */
export function rabbitServerOf({ rabbitmq }: Pick<Config, 'rabbitmq'>): RabbitServer {
  return { url: rabbitmq.url ?? '', tls: readTls('rabbitmq.tls', rabbitmq.tls) };
}

export interface KafkaServer {
  /** `host:port`. */
  readonly brokers: readonly string[];
  readonly sasl: KafkaSasl | undefined;
  readonly tls: TlsTexts | undefined;
}

/** Kafka of `kafka.*`. Throws `StartError` (78). */
export function kafkaServerOf({ kafka }: Pick<Config, 'kafka'>): KafkaServer {
  const { mechanism, username = '', password = '' } = kafka.sasl;
  return {
    brokers: kafka.brokers.map(textOfPlace),
    sasl: mechanism === undefined ? undefined : { mechanism, username, password },
    tls: kafka.tls.enabled ? readTls('kafka.tls', kafka.tls) : undefined,
  };
}
