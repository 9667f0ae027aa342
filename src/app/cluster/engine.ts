import type { Bus } from '../../bus/bus.ts';
import { RpcBus } from '../../bus/engines/rpc.ts';
import { allPeers, type Peers } from '../../bus/peers.ts';
import type { Config } from '../../config/schema.ts';
import type { Logger } from '../../telemetry/log.ts';
import { kafkaServerOf, rabbitServerOf, redisOptionsOf } from '../servers-of.ts';

export interface EngineOptions {
  readonly config: Pick<Config, 'cluster' | 'rabbitmq' | 'kafka' | 'redis'>;
  readonly nodeId: string;
  readonly peers: Pick<Peers, 'tell'>;
  readonly log: Logger;
}

/**
 * The bus that `cluster.bus` names, not started. Only the library of that engine is loaded. Throws `StartError`.
 */
export async function createEngine({ config, nodeId, peers, log }: EngineOptions): Promise<Bus> {
  const { cluster, rabbitmq, kafka } = config;
  switch (cluster.bus) {
    case 'rpc':
      // What the others tell all comes with the rest of what they say.
      return new RpcBus({ tellAll: (bytes) => peers.tell(allPeers, bytes), listen: () => () => {} });
    case 'rabbitmq': {
      const { RabbitBus } = await import('../../bus/engines/rabbitmq.ts');
      return new RabbitBus({
        ...rabbitServerOf(config),
        exchange: rabbitmq.exchange ?? cluster.name,
        nodeId,
      });
    }
    case 'kafka': {
      const { KafkaBus } = await import('../../bus/engines/kafka.ts');
      return new KafkaBus({
        ...kafkaServerOf(config),
        topic: kafka.topic ?? cluster.name,
        group: `${cluster.name}-${nodeId}`,
        warn: (fields, text) => log.warn(fields, text),
      });
    }
    case 'redis': {
      const { RedisBus } = await import('../../bus/engines/redis.ts');
      return new RedisBus({ redis: redisOptionsOf(config), channel: `${cluster.name}:bus` });
    }
    default:
      return cluster.bus satisfies never;
  }
}
