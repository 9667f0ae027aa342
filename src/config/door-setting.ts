import { object, variants } from './collection-kinds.ts';
import { channelName, groupName, queueName, shownName, streamName, topicName } from './queue-names.ts';
import { boolean, choice } from './scalar-kinds.ts';
import { atMostOneOf, path, rabbitmqUrl, redisUrl } from './server-kinds.ts';
import { type Place, someBrokers, systemId } from './value-checks.ts';

interface AnyDoor {
  /** Default: `type:what it reads`. */
  readonly name?: string;
  /** The system that all pushes of the door are for; default `default`. */
  readonly system?: string;
  /** Each push says which system it is for. Never with `system`. */
  readonly trusted?: boolean;
}

/** Absent: the server of `redis.*` or `rabbitmq.*`. */
interface Elsewhere {
  readonly url?: string;
  readonly urlFile?: string;
}

/** Redis pub/sub. */
export interface ChannelDoorSetting extends AnyDoor, Elsewhere {
  readonly type: 'channel';
  /** Default `topic`, as `stream`, `topic` and `queue` of the others. */
  readonly channel?: string;
}

/** `group`: default `yunque`. */
export interface StreamDoorSetting extends AnyDoor, Elsewhere {
  readonly type: 'stream';
  readonly stream?: string;
  readonly group?: string;
}

/** `group`: default `yunque`. `brokers` absent: those of `kafka.brokers`. */
export interface KafkaDoorSetting extends AnyDoor {
  readonly type: 'kafka';
  readonly topic?: string;
  readonly group?: string;
  readonly brokers?: readonly Place[];
}

export interface RabbitmqDoorSetting extends AnyDoor, Elsewhere {
  readonly type: 'rabbitmq';
  readonly queue?: string;
}

/** One entry of `doors`. */
export type DoorSetting = ChannelDoorSetting | StreamDoorSetting | KafkaDoorSetting | RabbitmqDoorSetting;

const described = { type: 'door', expected: 'a door' } as const;
const rights = { name: shownName, system: systemId, trusted: boolean() };
const optionalRights = ['name', 'system', 'trusted'] as const;
const atRedis = { url: redisUrl, urlFile: path };

const channel = object<ChannelDoorSetting>({
  ...described,
  fields: { type: choice(['channel']), channel: channelName, ...atRedis, ...rights },
  optional: ['channel', 'url', 'urlFile', ...optionalRights],
});

const stream = object<StreamDoorSetting>({
  ...described,
  fields: { type: choice(['stream']), stream: streamName, group: groupName, ...atRedis, ...rights },
  optional: ['stream', 'group', 'url', 'urlFile', ...optionalRights],
});

const kafka = object<KafkaDoorSetting>({
  ...described,
  fields: { type: choice(['kafka']), topic: topicName, group: groupName, brokers: someBrokers, ...rights },
  optional: ['topic', 'group', 'brokers', ...optionalRights],
});

const rabbitmq = object<RabbitmqDoorSetting>({
  ...described,
  fields: { type: choice(['rabbitmq']), queue: queueName, url: rabbitmqUrl, urlFile: path, ...rights },
  optional: ['queue', 'url', 'urlFile', ...optionalRights],
});

export const door = variants<DoorSetting>({
  type: 'door',
  expected: 'a door such as {type: stream, stream: chat}',
  of: { channel, stream, kafka, rabbitmq },
  check: wrongTogether,
});

/** Of fields that are right each by itself. */
function wrongTogether(setting: DoorSetting): string | undefined {
  if (setting.trusted === true && setting.system !== undefined) {
    return 'a trusted door takes the system from each push; leave out either trusted or system';
  }
  return setting.type === 'kafka' ? undefined : atMostOneOf(setting, 'url', 'urlFile');
}

/** Everything a door does without being told, filled in; the server aside. */
export interface Door {
  readonly type: DoorSetting['type'];
  /** Shown in logs, statistics and metrics. */
  readonly name: string;
  /** The channel, stream, topic or queue. */
  readonly reads: string;
  /** Of `stream` and `kafka`. */
  readonly group: string;
  /** What its pushes are for; where it is trusted, those that name no system. */
  readonly system: string;
  /** A push may name any system. */
  readonly trusted: boolean;
}

/** `topic`: of the setting of that name. */
export function doorOf(setting: DoorSetting, topic: string): Door {
  const reads = readsOf(setting) ?? topic;
  return {
    type: setting.type,
    name: setting.name ?? `${setting.type}:${reads}`,
    reads,
    group: ('group' in setting ? setting.group : undefined) ?? 'yunque',
    system: setting.system ?? 'default',
    trusted: setting.trusted ?? false,
  };
}

function readsOf(setting: DoorSetting): string | undefined {
  switch (setting.type) {
    case 'channel':
      return setting.channel;
    case 'stream':
      return setting.stream;
    case 'kafka':
      return setting.topic;
    case 'rabbitmq':
      return setting.queue;
    default:
      return setting satisfies never;
  }
}
