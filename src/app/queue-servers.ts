import { type RedisOptions, redisOptionsOfUrl } from '../backends/redis-options.ts';
import { type DestinationSetting, destinationNames } from '../config/destination.ts';
import { type Door, type DoorSetting, doorOf } from '../config/door-setting.ts';
import type { Config } from '../config/schema.ts';
import { wrongWithRabbitmqUrl, wrongWithRedisUrl } from '../config/server-kinds.ts';
import type { ConnectionEventType } from '../config/sink-setting.ts';
import { together } from '../util/start-error.ts';
import { type NamedFile, readHmacSecret, readNamedUrl } from './named-file.ts';
import { readTls, textOfPlace } from './server-files.ts';
import { type KafkaServer, kafkaServerOf, type RabbitServer, rabbitServerOf, redisOptionsOf } from './servers-of.ts';

/** A door with everything it is opened with. */
export type DoorPlan = Omit<Door, 'type'> &
  (
    | { readonly type: 'channel' | 'stream'; readonly redis: RedisOptions }
    | { readonly type: 'kafka'; readonly kafka: KafkaServer }
    | { readonly type: 'rabbitmq'; readonly rabbitmq: RabbitServer }
  );

/** Somewhere to send to, with everything it is opened with. */
export type DestinationPlan = {
  /** Unique among those of its use. */
  readonly name: string;
  /** Undefined: all. */
  readonly systems: readonly string[] | undefined;
} & (
  | {
      readonly type: 'http';
      readonly url: string;
      readonly secret: string;
      readonly timeoutMs: number | undefined;
    }
  | { readonly type: 'channel'; readonly redis: RedisOptions; readonly channel: string }
  | {
      readonly type: 'stream';
      readonly redis: RedisOptions;
      readonly stream: string;
      readonly maxLength: number | undefined;
    }
  | { readonly type: 'kafka'; readonly kafka: KafkaServer; readonly topic: string }
  | {
      readonly type: 'rabbitmq';
      readonly rabbitmq: RabbitServer;
      readonly to: { readonly queue: string } | { readonly exchange: string; readonly routingKey: string };
    }
);

export interface RoutePlan {
  readonly keys: readonly string[];
  readonly to: DestinationPlan;
  /** Of `http`. */
  readonly retries: number | undefined;
  readonly concurrency: number | undefined;
}

export interface SinkPlan {
  /** Undefined: all. */
  readonly types: readonly ConnectionEventType[] | undefined;
  readonly to: DestinationPlan;
}

/** All queues that a node reads from and sends to. */
export interface QueuePlans {
  readonly doors: readonly DoorPlan[];
  readonly routes: readonly RoutePlan[];
  readonly sinks: readonly SinkPlan[];
}

export type QueueConfig = Pick<Config, 'topic' | 'doors' | 'uplink' | 'events' | 'redis' | 'rabbitmq' | 'kafka'>;

interface PlanSetup {
  readonly config: QueueConfig;
  /** One line each, about files that others can read. */
  readonly warn: (line: string) => void;
}

/** Reads every file that doors, routes and sinks name; connects to nothing. Throws `StartError` (78) with all that are not right. */
export function planQueues({ config, warn }: PlanSetup): QueuePlans {
  const filesOf =
    (key: string) =>
    (index: number): FileOf =>
    (field, path = '') => ({ path, at: { key, path: [index, field] }, warn });
  const [inDoors, inRoutes, inSinks] = [filesOf('doors'), filesOf('uplink.routes'), filesOf('events.sinks')];
  const { doors, uplink, events } = config;
  const routeNames = destinationNames(uplink.routes);
  const sinkNames = destinationNames(events.sinks);
  const [plannedDoors, routes, sinks] = together<[DoorPlan[], RoutePlan[], SinkPlan[]]>([
    () => together<DoorPlan[]>(doors.map((door, index) => () => planDoor(door, config, inDoors(index)))),
    () =>
      together<RoutePlan[]>(
        uplink.routes.map((route, index) => () => ({
          keys: route.keys,
          to: planDestination(route, routeNames[index] ?? '', config, inRoutes(index)),
          retries: 'retries' in route ? route.retries : undefined,
          concurrency: 'concurrency' in route ? route.concurrency : undefined,
        })),
      ),
    () =>
      together<SinkPlan[]>(
        events.sinks.map((sink, index) => () => ({
          types: sink.types,
          to: planDestination(sink, sinkNames[index] ?? '', config, inSinks(index)),
        })),
      ),
  ]);
  return { doors: plannedDoors, routes, sinks };
}

type FileOf = (field: string, path: string | undefined) => NamedFile;

function planDoor(setting: DoorSetting, config: QueueConfig, fileOf: FileOf): DoorPlan {
  const door = doorOf(setting, config.topic);
  switch (setting.type) {
    case 'channel':
    case 'stream':
      return { ...door, type: setting.type, redis: redisFor(setting, config, fileOf) };
    case 'kafka':
      return { ...door, type: setting.type, kafka: kafkaFor(setting, config) };
    case 'rabbitmq':
      return { ...door, type: setting.type, rabbitmq: rabbitmqFor(setting, config, fileOf) };
    default:
      return setting satisfies never;
  }
}

function planDestination(
  setting: DestinationSetting,
  name: string,
  config: QueueConfig,
  fileOf: FileOf,
): DestinationPlan {
  const shared = { name, systems: setting.systems };
  switch (setting.type) {
    case 'http': {
      const { type, url, secret = readHmacSecret(fileOf('secretFile', setting.secretFile)), timeout } = setting;
      return { ...shared, type, url, secret, timeoutMs: timeout };
    }
    case 'channel':
      return {
        ...shared,
        type: setting.type,
        redis: redisFor(setting, config, fileOf),
        channel: setting.channel,
      };
    case 'stream': {
      const { type, stream, maxLength } = setting;
      return { ...shared, type, redis: redisFor(setting, config, fileOf), stream, maxLength };
    }
    case 'kafka':
      return { ...shared, type: setting.type, kafka: kafkaFor(setting, config), topic: setting.topic };
    case 'rabbitmq': {
      const { type, queue, exchange = '', routingKey = '' } = setting;
      const to = queue === undefined ? { exchange, routingKey } : { queue };
      return { ...shared, type, rabbitmq: rabbitmqFor(setting, config, fileOf), to };
    }
    default:
      return setting satisfies never;
  }
}

interface Elsewhere {
  readonly url?: string;
  readonly urlFile?: string;
}

/** With a URL of its own, `redis.timeout` and, for `rediss:`, the files of `redis.tls` hold there too. */
function redisFor({ url, urlFile }: Elsewhere, config: QueueConfig, fileOf: FileOf): RedisOptions {
  if (url === undefined && urlFile === undefined) return redisOptionsOf(config);
  const own =
    url ??
    readNamedUrl(fileOf('urlFile', urlFile), {
      example: 'redis://:password@127.0.0.1:6379/0',
      flawOf: wrongWithRedisUrl,
    });
  const options = redisOptionsOfUrl(own, config.redis.timeoutMs);
  return options.tls === undefined ? options : { ...options, tls: readTls('redis.tls', config.redis.tls) };
}

/** With a URL of its own, the files of `rabbitmq.tls` hold there too. */
function rabbitmqFor({ url, urlFile }: Elsewhere, config: QueueConfig, fileOf: FileOf): RabbitServer {
  const usual = rabbitServerOf(config);
  if (url !== undefined) return { ...usual, url };
  if (urlFile === undefined) return usual;
  const own = readNamedUrl(fileOf('urlFile', urlFile), {
    example: 'amqp://user:password@127.0.0.1:5672/vhost',
    flawOf: wrongWithRabbitmqUrl,
  });
  return { ...usual, url: own };
}

/** With brokers of its own, `kafka.sasl` and `kafka.tls` hold there too. */
function kafkaFor(
  { brokers }: { readonly brokers?: QueueConfig['kafka']['brokers'] },
  config: QueueConfig,
): KafkaServer {
  const usual = kafkaServerOf(config);
  return brokers === undefined ? usual : { ...usual, brokers: brokers.map(textOfPlace) };
}
