import { channelName, exchangeName, queueName, routingKey, shownName, streamName, topicName } from './queue-names.ts';
import { choice, duration, integer } from './scalar-kinds.ts';
import { atMostOneOf, hmacSecret, httpUrl, oneOf, path, rabbitmqUrl, redisUrl } from './server-kinds.ts';
import { type Place, someBrokers, someSystems } from './value-checks.ts';

/** What every destination has. */
interface Anywhere {
  /** Default: `destinationNames`. */
  readonly name?: string;
  /** Absent: it is for every system. */
  readonly systems?: readonly string[];
}

/** Absent: the server of `redis.*` or `rabbitmq.*`. */
interface Elsewhere {
  readonly url?: string;
  readonly urlFile?: string;
}

/** `secret` or `secretFile`. `timeout` in milliseconds, for one question with all its tries. */
export interface HttpDestination extends Anywhere {
  readonly type: 'http';
  readonly url: string;
  readonly secret?: string;
  readonly secretFile?: string;
  readonly timeout?: number;
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

const anywhere = { name: shownName, systems: someSystems };
const atRedis = { url: redisUrl, urlFile: path };

/** The kinds of the fields of each destination. */
export const destinationFields = {
  http: {
    type: choice(['http']),
    url: httpUrl,
    secret: hmacSecret,
    secretFile: path,
    timeout: duration({ min: '100ms', max: '60s' }),
    ...anywhere,
  },
  channel: { type: choice(['channel']), channel: channelName, ...atRedis, ...anywhere },
  stream: {
    type: choice(['stream']),
    stream: streamName,
    maxLength: integer({ min: 1, max: 1_000_000_000 }),
    ...atRedis,
    ...anywhere,
  },
  kafka: { type: choice(['kafka']), topic: topicName, brokers: someBrokers, ...anywhere },
  rabbitmq: {
    type: choice(['rabbitmq']),
    queue: queueName,
    exchange: exchangeName,
    routingKey,
    url: rabbitmqUrl,
    urlFile: path,
    ...anywhere,
  },
};

/** Those of them that may be absent. */
export const optionalFields = {
  http: ['name', 'systems', 'secret', 'secretFile', 'timeout'],
  channel: ['name', 'systems', 'url', 'urlFile'],
  stream: ['name', 'systems', 'url', 'urlFile', 'maxLength'],
  kafka: ['name', 'systems', 'brokers'],
  rabbitmq: ['name', 'systems', 'url', 'urlFile', 'queue', 'exchange', 'routingKey'],
} as const;

/** Of fields that are right each by itself. */
export function wrongWithDestination(setting: DestinationSetting): string | undefined {
  switch (setting.type) {
    case 'http':
      return oneOf(setting, 'secret', 'secretFile');
    case 'channel':
    case 'stream':
      return atMostOneOf(setting, 'url', 'urlFile');
    case 'kafka':
      return undefined;
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

/** What logs, statistics and metrics call each: `stream:events`, `http:hooks.example.com/chat`; a second one of the same name `http:hooks.example.com/chat#2`. */
export function destinationNames(settings: readonly DestinationSetting[]): readonly string[] {
  const seen = new Map<string, number>();
  return settings.map((setting) => {
    const name = setting.name ?? `${setting.type}:${leadsTo(setting)}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}#${times}`;
  });
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
