import { object, someOf, variants } from './collection-kinds.ts';
import { type DestinationSetting, destinationFields, optionalFields, wrongWithDestination } from './destination.ts';
import { choice } from './scalar-kinds.ts';

/** What `events.sinks` may choose from; events of nodes and `gap` go everywhere. */
export const connectionEventTypes = ['online', 'bind', 'offline', 'group'] as const;
export type ConnectionEventType = (typeof connectionEventTypes)[number];

/** One entry of `events.sinks`. `types` absent: all. */
export type SinkSetting = DestinationSetting & { readonly types?: readonly ConnectionEventType[] };

const described = { type: 'sink', expected: 'a sink' } as const;
const types = {
  types: someOf(choice(connectionEventTypes), { one: 'type', advice: 'leave it out for all of them' }),
};
const { http, channel, stream, kafka, rabbitmq } = destinationFields;

export const eventSink = variants<SinkSetting>({
  type: 'sink',
  expected: 'a sink such as {type: stream, stream: events}',
  of: {
    http: object({ ...described, fields: { ...http, ...types }, optional: [...optionalFields.http, 'types'] }),
    channel: object({ ...described, fields: { ...channel, ...types }, optional: [...optionalFields.channel, 'types'] }),
    stream: object({ ...described, fields: { ...stream, ...types }, optional: [...optionalFields.stream, 'types'] }),
    kafka: object({ ...described, fields: { ...kafka, ...types }, optional: [...optionalFields.kafka, 'types'] }),
    rabbitmq: object({
      ...described,
      fields: { ...rabbitmq, ...types },
      optional: [...optionalFields.rabbitmq, 'types'],
    }),
  },
  check: wrongWithDestination,
});
