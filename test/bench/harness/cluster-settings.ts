import type { Service } from '../../support/services/service.ts';

export type BusName = 'redis' | 'rabbitmq' | 'kafka' | 'rpc';

/** Of all nodes of a cluster on this machine, as `--set` takes them. */
export function clusterSettings(redis: Service, bus: BusName = 'redis'): readonly string[] {
  return [
    'cluster.enabled=true',
    'cluster.name=bench',
    `cluster.bus=${bus}`,
    'cluster.rpcPort=0',
    `redis.host=${redis.host}`,
    `redis.port=${redis.port}`,
  ];
}

/** What goes with the settings in the environment of each node. `broker`: the bus's own server, where it has one. */
export function clusterVariables(bus: BusName = 'redis', broker?: Service): Readonly<Record<string, string>> {
  return {
    YUNQUE_CLUSTER_SECRET: 'a secret of the bench alone',
    YUNQUE_CRYPTO_KEY: 'a key of a bench',
    ...(bus === 'rabbitmq' && broker && { YUNQUE_RABBITMQ_URL: broker.url }),
    ...(bus === 'kafka' && broker && { YUNQUE_KAFKA_BROKERS: broker.url }),
  };
}
