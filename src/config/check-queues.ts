import { isPlainAndFar } from './check-tokens.ts';
import type { DestinationSetting } from './destination.ts';
import { type DoorSetting, doorOf } from './door-setting.ts';
import type { Path } from './kind.ts';
import { isPublished } from './published-keys.ts';
import { placeOfDoor, queueOfDestination, queueOfDoor } from './queue-places.ts';
import type { RouteSetting } from './route-setting.ts';
import type { SettingKey } from './schema.ts';

type Values = ReadonlyMap<SettingKey, unknown>;
type Say = (key: SettingKey, message: string, path?: Path) => void;

interface Saying {
  /** Else its parts are not where they were given, and are judged once it is. */
  readonly isWhole: (key: SettingKey) => boolean;
  readonly refuse: Say;
  readonly warn: Say;
}

/** What doors, routes and sinks may not have in common with each other, and what they need beside them. */
export function checkQueues(values: Values, saying: Saying): void {
  const { isWhole, refuse, warn } = saying;
  const doors = isWhole('doors') ? (values.get('doors') as readonly DoorSetting[]) : [];
  checkDoors(doors, values, refuse);
  for (const [index, door] of doors.entries()) {
    checkServer(door, values, (message) => refuse('doors', message, [index]));
  }
  for (const key of ['uplink.routes', 'events.sinks'] as const) {
    if (isWhole(key)) checkDestinations(key, { doors, values, saying });
  }
  if (isWhole('uplink.routes')) checkRoutes(values.get('uplink.routes') as readonly RouteSetting[], warn);
}

function checkDoors(doors: readonly DoorSetting[], values: Values, refuse: Say): void {
  const byPlace = new Map<string, number>();
  const byName = new Map<string, number>();
  for (const [index, door] of doors.entries()) {
    const { name } = doorOf(door, String(values.get('topic')));
    const place = placeOfDoor(door, values);
    const [samePlace, sameName] = [byPlace.get(place), byName.get(name)];
    if (samePlace !== undefined) {
      refuse('doors', `doors[${samePlace}] reads the same; leave out one of the two`, [index]);
    } else if (sameName !== undefined) {
      const at = door.name === undefined ? [index] : [index, 'name'];
      refuse('doors', `doors[${sameName}] is called ${JSON.stringify(name)}, too; give each a name of its own`, at);
    } else {
      byPlace.set(place, index);
      byName.set(name, index);
    }
  }
}

function checkServer(
  setting: DoorSetting | DestinationSetting,
  values: Values,
  refuse: (message: string) => void,
): void {
  const { type } = setting;
  if (type === 'kafka' && setting.brokers === undefined && isEmpty(values.get('kafka.brokers'))) {
    refuse('there are no brokers of Kafka; give it brokers, or set kafka.brokers, such as [127.0.0.1:9092]');
  }
  if (type !== 'rabbitmq' || setting.url !== undefined || setting.urlFile !== undefined) return;
  if (values.get('rabbitmq.url') !== undefined) return;
  refuse(
    'there is no RabbitMQ; give it url or urlFile, or set rabbitmq.url, such as amqp://user:password@127.0.0.1:5672 (in the file, YUNQUE_RABBITMQ_URL, or a file named by YUNQUE_RABBITMQ_URL_FILE)',
  );
}

interface Around {
  readonly doors: readonly DoorSetting[];
  readonly values: Values;
  readonly saying: Saying;
}

function checkDestinations(key: 'uplink.routes' | 'events.sinks', { doors, values, saying }: Around): void {
  const { refuse, warn } = saying;
  const readBy = new Map(doors.map((door, index) => [queueOfDoor(door, values), index]));
  const byName = new Map<string, number>();
  for (const [index, setting] of (values.get(key) as readonly DestinationSetting[]).entries()) {
    checkServer(setting, values, (message) => refuse(key, message, [index]));
    const { name } = setting;
    const same = name === undefined ? undefined : byName.get(name);
    if (same !== undefined) refuse(key, `${key}[${same}] is called ${JSON.stringify(name)}, too`, [index, 'name']);
    else if (name !== undefined) byName.set(name, index);
    const queue = queueOfDestination(setting, values);
    const door = queue === undefined ? undefined : readBy.get(queue);
    if (door !== undefined) {
      refuse(key, `doors[${door}] reads what is sent there, and takes it for pushes; send it elsewhere`, [index]);
    }
    if (setting.type !== 'http') continue;
    if (isPublished(setting.secret)) {
      const better = '`openssl rand -base64 32` makes a good one';
      refuse(key, `this key is published, so everybody knows it; ${better}`, [index, 'secret']);
    }
    if (isPlainAndFar(setting.url)) {
      warn(key, 'whoever is on the way there can read along and answer in its place; use https', [index, 'url']);
    }
  }
}

/** Routes that no key comes to. */
function checkRoutes(routes: readonly RouteSetting[], warn: Say): void {
  for (const [index, { keys }] of routes.entries()) {
    const taker = routes
      .slice(0, index)
      .findIndex(({ systems, keys: taken }) => systems === undefined && isCovered(keys, taken));
    if (taker === -1) continue;
    warn('uplink.routes', `uplink.routes[${taker}] takes its keys already, and the first one counts`, [index]);
  }
}

function isCovered(keys: readonly string[], taken: readonly string[]): boolean {
  return taken.includes('*') || keys.every((key) => taken.includes(key));
}

function isEmpty(list: unknown): boolean {
  return !Array.isArray(list) || list.length === 0;
}
