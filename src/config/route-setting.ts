import { object, someOf, variants } from './collection-kinds.ts';
import {
  type ChannelDestination,
  destinationFields,
  type HttpDestination,
  type KafkaDestination,
  optionalFields,
  type RabbitmqDestination,
  type StreamDestination,
  wrongWithDestination,
} from './destination.ts';
import { integer, text } from './scalar-kinds.ts';

/** Keys that a route takes: exactly so, or with `*` for any characters, or none. */
interface Keys {
  readonly keys: readonly string[];
}

/** `retries`: tries after the first; `concurrency`: most requests at once. `timeout`: default `uplink.timeout`. */
export interface HttpRoute extends HttpDestination, Keys {
  readonly retries?: number;
  readonly concurrency?: number;
}

/** One entry of `uplink.routes`. The first one that takes a key of a system is its route. */
export type RouteSetting =
  | HttpRoute
  | (ChannelDestination & Keys)
  | (StreamDestination & Keys)
  | (KafkaDestination & Keys)
  | (RabbitmqDestination & Keys);

const keyPattern = text({
  type: 'key pattern',
  expected: 'a key such as order.create, or a pattern such as order.*',
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  check: (value) => (/^[^\x00-\x1f\x7f]{1,128}$/u.test(value) ? value : undefined),
});

const described = { type: 'route', expected: 'a route' } as const;
const keys = { keys: someOf(keyPattern, { one: 'key', advice: "['*'] takes them all" }) };
const { http, channel, stream, kafka, rabbitmq } = destinationFields;

const httpRoute = object<HttpRoute>({
  ...described,
  fields: {
    ...http,
    ...keys,
    retries: integer({ min: 0, max: 10 }),
    concurrency: integer({ min: 1, max: 10_000 }),
  },
  optional: [...optionalFields.http, 'retries', 'concurrency'],
});

export const route = variants<RouteSetting>({
  type: 'route',
  expected: "a route such as {type: stream, keys: ['order.*'], stream: orders}",
  of: {
    http: httpRoute,
    channel: object({ ...described, fields: { ...channel, ...keys }, optional: optionalFields.channel }),
    stream: object({ ...described, fields: { ...stream, ...keys }, optional: optionalFields.stream }),
    kafka: object({ ...described, fields: { ...kafka, ...keys }, optional: optionalFields.kafka }),
    rabbitmq: object({ ...described, fields: { ...rabbitmq, ...keys }, optional: optionalFields.rabbitmq }),
  },
  check: wrongWithDestination,
});
