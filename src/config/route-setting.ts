import { list, variants } from './collection-kinds.ts';
import { type DestinationSetting, destinationKinds, wrongWithDestination } from './destination.ts';
import { choice, text } from './scalar-kinds.ts';

/** Keys that a route takes: exactly so, or with `*` for any characters, or none. */
interface Keys {
  readonly keys: readonly string[];
}

/** One entry of `uplink.routes`. The first one that takes a key of a system is its route. */
export type RouteSetting = DestinationSetting & Keys;

const keyPattern = text({
  type: 'key pattern',
  expected: 'a key such as order.create, or a pattern such as order.*',
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  check: (value) => (/^[^\x00-\x1f\x7f]{1,128}$/u.test(value) ? value : undefined),
});

export const route = variants<RouteSetting>({
  type: 'route',
  expected: "a route such as {type: stream, keys: ['order.*'], stream: orders}",
  of: destinationKinds<Keys>({ type: 'route', fields: { keys: list(keyPattern) }, optional: [] }),
  check: (setting) =>
    setting.keys.length === 0
      ? "expected at least one key in keys; ['*'] takes them all"
      : wrongWithDestination(setting),
});

/** What `events.sinks` may choose from; `node_up`, `node_down` and `gap` go everywhere. */
export const connectionEventTypes = ['online', 'bind', 'offline', 'group'] as const;
export type ConnectionEventType = (typeof connectionEventTypes)[number];

/** Absent: all types. */
interface Types {
  readonly types?: readonly ConnectionEventType[];
}

/** One entry of `events.sinks`. */
export type SinkSetting = DestinationSetting & Types;

export const eventSink = variants<SinkSetting>({
  type: 'sink',
  expected: 'a sink such as {type: stream, stream: events}',
  of: destinationKinds<Types>({
    type: 'sink',
    fields: { types: list(choice(connectionEventTypes)) },
    optional: ['types'],
  }),
  check: (setting) =>
    setting.types?.length === 0
      ? 'expected at least one type in types; leave it out for all of them'
      : wrongWithDestination(setting),
});
