import type { SettingKey } from './schema.ts';

type Values = ReadonlyMap<SettingKey, unknown>;
type Say = (key: SettingKey, message: string) => void;

/** What the servers of a cluster, of doors and of destinations need to be told together. */
export function checkServers(values: Values, refuse: Say): void {
  if (values.get('cluster.enabled') === true) checkBus(values, refuse);
  checkRedis(values, refuse);
  checkSasl(values, refuse);
  const urls = [String(values.get('rabbitmq.url')), ...ownUrls(values)];
  const isTls = (scheme: string) => urls.some((url) => url.startsWith(scheme) || url === inFile);
  const hasRedisTls = values.get('redis.tls.enabled') === true || isTls('rediss:');
  checkTlsFiles('redis', hasRedisTls, 'set redis.tls.enabled: true', { values, refuse });
  checkTlsFiles('kafka', values.get('kafka.tls.enabled') === true, 'set kafka.tls.enabled: true', { values, refuse });
  checkTlsFiles('rabbitmq', isTls('amqps:'), 'let rabbitmq.url begin with amqps:', { values, refuse });
}

const queueKeys = ['doors', 'uplink.routes', 'events.sinks'] as const;

/** Whether there are any doors, routes or sinks. */
export function hasQueues(values: Values): boolean {
  return queueKeys.some((key) => !isEmpty(values.get(key)));
}

const inFile = 'in a file';

/** Of doors and destinations at servers of their own. */
function ownUrls(values: Values): readonly string[] {
  const settings = queueKeys.flatMap((key) => values.get(key) as readonly { url?: string; urlFile?: string }[]);
  return settings.flatMap(({ url, urlFile }) => url ?? (urlFile === undefined ? [] : inFile));
}

function checkBus(values: Values, refuse: Say): void {
  const bus = values.get('cluster.bus');
  if (bus === 'rabbitmq' && values.get('rabbitmq.url') === undefined) {
    refuse(
      'cluster.bus',
      'rabbitmq needs rabbitmq.url, such as amqp://user:password@127.0.0.1:5672 (in the file, YUNQUE_RABBITMQ_URL, or a file named by YUNQUE_RABBITMQ_URL_FILE)',
    );
  }
  if (bus === 'kafka' && isEmpty(values.get('kafka.brokers'))) {
    refuse('cluster.bus', 'kafka needs kafka.brokers, such as [127.0.0.1:9092]');
  }
}

function checkRedis(values: Values, refuse: Say): void {
  const hasSentinels = !isEmpty(values.get('redis.sentinels'));
  const hasNodes = !isEmpty(values.get('redis.nodes'));
  const name = values.get('redis.sentinelName');
  if (hasSentinels && name === undefined) {
    refuse('redis.sentinels', 'there is no redis.sentinelName; give the name of the primary that they watch');
  }
  if (!hasSentinels && name !== undefined) {
    refuse('redis.sentinelName', 'there are no redis.sentinels; list them, or leave it out');
  }
  if (hasSentinels && hasNodes) {
    refuse('redis.nodes', 'there are redis.sentinels, which belong to another kind of Redis; leave out one of the two');
  }
  if (hasNodes && values.get('redis.db') !== 0) {
    refuse('redis.db', 'a Redis Cluster (redis.nodes) has the database 0 only; leave it out');
  }
}

const saslKeys = ['kafka.sasl.mechanism', 'kafka.sasl.username', 'kafka.sasl.password'] as const;

function checkSasl(values: Values, refuse: Say): void {
  const missing = saslKeys.filter((key) => values.get(key) === undefined);
  const given = saslKeys.find((key) => values.get(key) !== undefined);
  if (given === undefined || missing.length === 0) return;
  refuse(given, `there is no ${missing.join(' and no ')}; give all three, or none`);
}

function checkTlsFiles(
  server: 'redis' | 'rabbitmq' | 'kafka',
  isTls: boolean,
  advice: string,
  { values, refuse }: { values: Values; refuse: Say },
): void {
  const keys = [`${server}.tls.ca`, `${server}.tls.cert`, `${server}.tls.key`] as const;
  const [, cert, key] = keys;
  for (const each of keys) {
    if (values.get(each) !== undefined && !isTls)
      refuse(each, `there is no TLS to use it for; ${advice}, or leave it out`);
  }
  for (const [one, other] of [
    [cert, key],
    [key, cert],
  ] as const) {
    if (isTls && values.get(one) !== undefined && values.get(other) === undefined)
      refuse(one, `there is no ${other}; give both, or neither`);
  }
}

function isEmpty(list: unknown): boolean {
  return !Array.isArray(list) || list.length === 0;
}
