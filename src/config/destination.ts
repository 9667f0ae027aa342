import { list, object } from './collection-kinds.ts';
import { noneOf } from './door-setting.ts';
import type { Kind } from './kind.ts';
import { channelName, exchangeName, queueName, routingKey, shownName, streamName, topicName } from './queue-names.ts';
import { choice, duration, integer } from './scalar-kinds.ts';
import { atMostOneOf, hmacSecret, httpUrl, oneOf, path, rabbitmqUrl, redisUrl } from './server-kinds.ts';
import { type Place, place, someSystems } from './value-checks.ts';

/** What every destination has. */
interface Anywhere {
  /** Default: `destinationName`. */
  readonly name?: string;
  /** Absent: it is for every system. */
  readonly systems?: readonly string[];
}

/** Absent: the server of `redis.*` or `rabbitmq.*`. */
interface Elsewhere {
  readonly url?: string;
  readonly urlFile?: string;
}

/** `secret` or `secretFile`. `timeout` in milliseconds, for one attempt; `retries`: attempts after the first; `concurrency`: most requests at once. */
export interface HttpDestination extends Anywhere {
  readonly type: 'http';
  readonly url: string;
  readonly secret?: string;
  readonly secretFile?: string;
  readonly timeout?: number;
  readonly retries?: number;
  readonly concurrency?: number;
}

export interface ChannelDestination extends Anywhere, Elsewhere {
  readonly type: 'channel';
  readonly channel: string;
}

/** `maxLength`: about how many entries the stream keeps. */
export interface StreamDestination extends Anywhere, Elsewhere {
  readonly type: 'stream';
  readonly stream: string;
  readonly maxLength?: number;
}

/** `brokers` absent: those of `kafka.brokers`. */
export interface KafkaDestination extends Anywhere {
  readonly type: 'kafka';
  readonly topic: string;
  readonly brokers?: readonly Place[];
}

/** `queue`, or `exchange` and perhaps a `routingKey` (default: empty). */
export interface RabbitmqDestination extends Anywhere, Elsewhere {
  readonly type: 'rabbitmq';
  readonly queue?: string;
  readonly exchange?: string;
  readonly routingKey?: string;
}

export type DestinationSetting =
  | HttpDestination
  | ChannelDestination
  | StreamDestination
  | KafkaDestination
  | RabbitmqDestination;

/** The kinds of all destinations, each with the further fields of what leads there. */
export function destinationKinds<Extra extends object>(options: {
  /** Such as `route`. */
  readonly type: string;
  readonly fields: { readonly [F in keyof Extra & string]-?: Kind<NonNullable<Extra[F]>> };
  readonly optional: readonly (keyof Extra & string)[];
}): { readonly [Name in DestinationSetting['type']]: Kind<Extract<DestinationSetting, { type: Name }> & Extra> } {
  const described = { type: options.type, expected: `a ${options.type}` };
  const common = { name: shownName, systems: someSystems, ...options.fields };
  const optional = ['name', 'systems', ...options.optional];
  // What the compiler cannot see through `Extra`: each has the fields of its type, of every destination, and the further ones.
  const kind = (fields: Record<string, Kind<never>>, further: readonly string[]) =>
    object<Record<string, never>>({
      ...described,
      fields: { ...fields, ...common } as never,
      optional: [...further, ...optional],
    }) as never;
  const atRedis = { url: redisUrl, urlFile: path };
  return {
    http: kind(
      {
        type: choice(['http']),
        url: httpUrl,
        secret: hmacSecret,
        secretFile: path,
        timeout: duration({ min: '100ms', max: '30s' }),
        retries: integer({ min: 0, max: 10 }),
        concurrency: integer({ min: 1, max: 10_000 }),
      } as never,
      ['secret', 'secretFile', 'timeout', 'retries', 'concurrency'],
    ),
    channel: kind({ type: choice(['channel']), channel: channelName, ...atRedis } as never, ['url', 'urlFile']),
    stream: kind(
      {
        type: choice(['stream']),
        stream: streamName,
        maxLength: integer({ min: 1, max: 1_000_000_000 }),
        ...atRedis,
      } as never,
      ['maxLength', 'url', 'urlFile'],
    ),
    kafka: kind({ type: choice(['kafka']), topic: topicName, brokers: list(place) } as never, ['brokers']),
    rabbitmq: kind(
      {
        type: choice(['rabbitmq']),
        queue: queueName,
        exchange: exchangeName,
        routingKey,
        url: rabbitmqUrl,
        urlFile: path,
      } as never,
      ['queue', 'exchange', 'routingKey', 'url', 'urlFile'],
    ),
  };
}

/** Of fields that are right each by itself. */
export function wrongWithDestination(setting: DestinationSetting): string | undefined {
  switch (setting.type) {
    case 'http':
      return oneOf(setting, 'secret', 'secretFile');
    case 'channel':
    case 'stream':
      return atMostOneOf(setting, 'url', 'urlFile');
    case 'kafka':
      return noneOf(setting.brokers);
    case 'rabbitmq': {
      const { queue, exchange, routingKey } = setting;
      if (queue === undefined && exchange === undefined) return 'expected queue or exchange';
      if (queue !== undefined && exchange !== undefined) return 'expected one of queue and exchange, found both';
      if (queue !== undefined && routingKey !== undefined) return 'routingKey goes with an exchange, not with a queue';
      return atMostOneOf(setting, 'url', 'urlFile');
    }
    default:
      return setting satisfies never;
  }
}

/** What logs, statistics and metrics call it: `stream:events`, `http:hooks.example.com/chat`. */
export function destinationName(setting: DestinationSetting): string {
  return setting.name ?? `${setting.type}:${leadsTo(setting)}`;
}

function leadsTo(setting: DestinationSetting): string {
  switch (setting.type) {
    case 'http': {
      const { host, pathname } = new URL(setting.url);
      return `${host}${pathname}`;
    }
    case 'channel':
      return setting.channel;
    case 'stream':
      return setting.stream;
    case 'kafka':
      return setting.topic;
    case 'rabbitmq': {
      const { queue, exchange = '', routingKey } = setting;
      return queue ?? (routingKey === undefined ? exchange : `${exchange}:${routingKey}`);
    }
    default:
      return setting satisfies never;
  }
}
