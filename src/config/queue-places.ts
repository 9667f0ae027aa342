import type { DestinationSetting } from './destination.ts';
import { type DoorSetting, doorOf } from './door-setting.ts';
import type { SettingKey } from './schema.ts';
import type { Place } from './value-checks.ts';

type Values = ReadonlyMap<SettingKey, unknown>;

/** What a door reads, in words that are the same for the same place: server, name and, where there are groups, group. */
export function placeOfDoor(setting: DoorSetting, values: Values): string {
  const { reads, group } = doorOf(setting, String(values.get('topic')));
  const place = spell(setting, reads, values);
  return setting.type === 'stream' || setting.type === 'kafka' ? `${place} ${JSON.stringify(group)}` : place;
}

/** What any door that reads there reads, whatever its group. */
export function queueOfDoor(setting: DoorSetting, values: Values): string {
  return spell(setting, doorOf(setting, String(values.get('topic'))).reads, values);
}

/** What a door would read that reads what is sent; undefined: an HTTP endpoint or an exchange. */
export function queueOfDestination(setting: DestinationSetting, values: Values): string | undefined {
  switch (setting.type) {
    case 'http':
      return undefined;
    case 'channel':
      return spell(setting, setting.channel, values);
    case 'stream':
      return spell(setting, setting.stream, values);
    case 'kafka':
      return spell(setting, setting.topic, values);
    case 'rabbitmq':
      return setting.queue === undefined ? undefined : spell(setting, setting.queue, values);
    default:
      return setting satisfies never;
  }
}

type AtServer = DoorSetting | Exclude<DestinationSetting, { type: 'http' }>;

function spell(setting: AtServer, name: string, values: Values): string {
  return `${setting.type} ${serverOf(setting, values)} ${JSON.stringify(name)}`;
}

/** Two servers that are one under different names are taken for two. */
function serverOf(setting: AtServer, values: Values): string {
  if (setting.type === 'kafka') {
    const brokers = setting.brokers ?? (values.get('kafka.brokers') as readonly Place[]);
    return brokers
      .map(({ host, port }) => `${host}:${port}`)
      .sort()
      .join();
  }
  if (setting.urlFile !== undefined) return `file:${setting.urlFile}`;
  if (setting.type === 'rabbitmq') return rabbitmqOf(setting.url ?? String(values.get('rabbitmq.url')));
  const { host, db } = setting.url === undefined ? ownRedis(values) : redisOf(setting.url);
  // A channel is not of a database.
  return setting.type === 'channel' ? host : `${host}/${db}`;
}

function ownRedis(values: Values): { readonly host: string; readonly db: number } {
  const db = Number(values.get('redis.db'));
  const hasOthers = ['redis.sentinels', 'redis.nodes'] as const;
  if (hasOthers.some((key) => (values.get(key) as readonly Place[]).length > 0)) return { host: 'redis', db };
  return { host: `${values.get('redis.host')}:${values.get('redis.port')}`, db };
}

function redisOf(text: string): { readonly host: string; readonly db: number } {
  const { hostname, port, pathname } = new URL(text);
  return { host: `${hostname}:${port || 6379}`, db: Number(pathname.slice(1) || 0) };
}

function rabbitmqOf(text: string): string {
  const url = URL.parse(text);
  if (url === null) return '';
  const { protocol, hostname, port, pathname } = url;
  const host = decodeURIComponent(pathname.slice(1)) || '/';
  return `${hostname}:${port || (protocol === 'amqps:' ? 5671 : 5672)} ${host}`;
}
