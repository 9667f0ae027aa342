import querystring from 'node:querystring';
import { clusterSecretOf } from '../../config/cluster-secret.ts';
import type { Config } from '../../config/schema.ts';
import type { Term } from '../../directory/redis/agreement.ts';

/**
 * What the nodes of a cluster must have alike, the first the first to be complained about. With another secret they are not linked, with
 * another bus or place in it one does not hear what the others push to groups and systems, and neither would be seen at once.
 */
export function agreedTerms(
  config: Pick<Config, 'cluster' | 'crypto' | 'rabbitmq' | 'kafka'>,
  cryptoKey: string,
): readonly Term[] {
  const { cluster } = config;
  const derived = 'it is not set here, and so derived from crypto.key';
  return [
    { key: 'crypto.key', value: cryptoKey, secret: true },
    {
      key: 'cluster.secret',
      value: clusterSecretOf(config),
      secret: true,
      ...(cluster.secret === undefined && { note: derived }),
    },
    { key: 'cluster.bus', value: cluster.bus },
    ...placeOf(config),
  ];
}

function placeOf({ cluster, rabbitmq, kafka }: Pick<Config, 'cluster' | 'rabbitmq' | 'kafka'>): readonly Term[] {
  switch (cluster.bus) {
    case 'rabbitmq': {
      const host = querystring.unescape(new URL(rabbitmq.url ?? '').pathname.slice(1)) || '/';
      return [
        { key: 'rabbitmq.url', value: `the virtual host ${host}` },
        { key: 'rabbitmq.exchange', value: rabbitmq.exchange ?? cluster.name },
      ];
    }
    case 'kafka':
      return [{ key: 'kafka.topic', value: kafka.topic ?? cluster.name }];
    case 'redis':
    case 'rpc':
      // Their channel and their nodes are found by cluster.name, as the leases are.
      return [];
    default:
      return cluster.bus satisfies never;
  }
}
