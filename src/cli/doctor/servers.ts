import { isDeepStrictEqual } from 'node:util';
import { planQueues, type QueuePlans } from '../../app/queue-servers.ts';
import {
  type KafkaServer,
  kafkaServerOf,
  type RabbitServer,
  rabbitServerOf,
  redisOptionsOf,
} from '../../app/servers-of.ts';
import { planSources } from '../../app/tokens.ts';
import { type RedisOptions, redisOptionsOfUrl } from '../../backends/redis-options.ts';
import type { Config } from '../../config/schema.ts';

/** Every server that the configuration has a node talk to, each once. */
export interface Servers {
  readonly redis: readonly RedisOptions[];
  readonly rabbitmq: readonly RabbitServer[];
  readonly kafka: readonly KafkaServer[];
}

/** Reads the files that they are named in. Throws `StartError`. */
export function serversOf(config: Config): Servers {
  const { enabled, bus } = config.cluster;
  const plans = plansOf(planQueues({ config, warn: () => {} }));
  const ofTokens = planSources({ config, warn: () => {} }).flatMap(({ setting, text = '' }) =>
    setting.type === 'redis' ? [redisOptionsOfUrl(setting.url ?? text, config.redis.timeoutMs)] : [],
  );
  return {
    redis: eachOnce([
      ...(enabled ? [redisOptionsOf(config)] : []),
      ...plans.flatMap((plan) => plan.redis ?? []),
      ...ofTokens,
    ]),
    rabbitmq: eachOnce([
      ...(enabled && bus === 'rabbitmq' ? [rabbitServerOf(config)] : []),
      ...plans.flatMap((plan) => plan.rabbitmq ?? []),
    ]),
    kafka: eachOnce([
      ...(enabled && bus === 'kafka' ? [kafkaServerOf(config)] : []),
      ...plans.flatMap((plan) => plan.kafka ?? []),
    ]),
  };
}

interface PlanServers {
  readonly redis?: RedisOptions;
  readonly rabbitmq?: RabbitServer;
  readonly kafka?: KafkaServer;
}

function plansOf({ doors, routes, sinks }: QueuePlans): readonly PlanServers[] {
  return [...doors, ...[...routes, ...sinks].map(({ to }) => to)] as readonly PlanServers[];
}

function eachOnce<T>(all: readonly T[]): readonly T[] {
  return all.filter((one, at) => all.findIndex((other) => isDeepStrictEqual(one, other)) === at);
}
