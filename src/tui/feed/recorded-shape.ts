import { dialects } from '../../api/dialect.ts';
import type { NodeEvent } from '../../api/event.ts';
import type { ConnectionEnd } from '../../api/history.ts';
import type { ConnectionInfo, GroupInfo, SystemInfo, UserInfo } from '../../api/listing.ts';
import type { SnapshotListKind } from '../../api/snapshot.ts';
import type {
  ClusterFigures,
  ClusterStats,
  DoorFigures,
  DrainStats,
  DurationFigures,
  Durations,
  Health,
  MarkFigures,
  NodeStats,
  SinkFigures,
} from '../../api/stats.ts';
import type { TailCopy } from '../../api/tail.ts';
import {
  isEither,
  isFlag,
  isLike,
  isListOf,
  isNumber,
  isOneOf,
  isOptional,
  isRecordOf,
  isText,
  isTime,
  type Shape,
} from '../../util/shape.ts';
import type { RecordedLine } from './recording.ts';

const texts = isListOf(isText);
const counts = isRecordOf(isNumber);
const dialect = isOneOf(...dialects);

const health = isLike<Health>({ verdict: isOneOf('ok', 'degraded', 'critical'), reasons: texts });

const duration = isLike<DurationFigures>({
  bounds: isListOf(isNumber),
  counts: isListOf(isNumber),
  count: isNumber,
  sum: isNumber,
});

const door = isLike<DoorFigures>({
  name: isText,
  kind: isOneOf('channel', 'stream', 'kafka', 'rabbitmq'),
  state: isOneOf('connecting', 'reading', 'standby', 'failing', 'closed'),
  failure: isOptional(isText),
  lag: isOptional(isNumber),
  records: isNumber,
  messages: isNumber,
  perSecond: isNumber,
  batches: isNumber,
  duplicates: isNumber,
  parked: isNumber,
  retries: isNumber,
  figures: counts,
});

const sink = isLike<SinkFigures>({
  name: isText,
  use: isOneOf('uplink', 'events'),
  kind: isOneOf('http', 'channel', 'stream', 'kafka', 'rabbitmq'),
  state: isOneOf('connecting', 'ready', 'failing', 'closed'),
  failure: isOptional(isText),
  sent: isNumber,
  failed: isNumber,
  dropped: isNumber,
  waiting: isNumber,
});

const cluster = isLike<ClusterFigures>({
  incarnation: isNumber,
  links: texts,
  members: isNumber,
  died: isNumber,
  redis: isLike<ClusterFigures['redis']>({ up: isFlag, failure: isOptional(isText) }),
  bus: isLike<ClusterFigures['bus']>({
    engine: isText,
    up: isFlag,
    failure: isOptional(isText),
    beatMs: isOptional(isNumber),
    figures: counts,
  }),
});

const node = isLike<NodeStats>({
  node: isText,
  version: isText,
  pid: isNumber,
  state: isOneOf('starting', 'serving', 'draining'),
  drain: isOptional(isLike<DrainStats>({ clients: isNumber, left: isNumber, isStaying: isOptional(isFlag) })),
  startedAt: isTime,
  uptimeSeconds: isNumber,
  addresses: texts,
  rpcAddress: isOptional(isText),
  connections: isNumber,
  connectionsByDialect: counts,
  connectionsBySystem: counts,
  pending: isNumber,
  users: isNumber,
  groups: isNumber,
  systems: isNumber,
  messagesIn: counts,
  messagesInTotal: isNumber,
  deliveries: counts,
  deliveriesTotal: isNumber,
  dropped: counts,
  droppedTotal: isNumber,
  disconnects: counts,
  refused: counts,
  ignoredFrames: isNumber,
  outboxBytes: isNumber,
  slowClients: isNumber,
  lostLogLines: counts,
  pauses: isLike<NodeStats['pauses']>({ count: isNumber, seconds: isNumber }),
  eventLoopLagMs: isLike<NodeStats['eventLoopLagMs']>({ mean: isNumber, p99: isNumber, max: isNumber }),
  // A node of an earlier version has none.
  durations: isOptional(isLike<Durations>({ flush: duration, fanout: duration })),
  memory: isLike<NodeStats['memory']>({ rss: isNumber, heapUsed: isNumber, heapTotal: isNumber, heapLimit: isNumber }),
  cpuSeconds: isNumber,
  probeMs: isOptional(isNumber),
  shedding: texts,
  cluster: isOptional(cluster),
  doors: isOptional(isListOf(door)),
  sinks: isOptional(isListOf(sink)),
  marks: isLike<MarkFigures>({
    seen_shortened: isNumber,
    seen_failed: isNumber,
    sequences_local: isNumber,
    idempotency_alone: isNumber,
  }),
  health,
});

const stats = isLike<ClusterStats>({
  schema: isText,
  time: isTime,
  nodes: isListOf(node),
  totals: isLike<ClusterStats['totals']>({ users: isNumber, groups: isNumber }),
  missingNodes: texts,
  health,
});

const rows: { readonly [K in SnapshotListKind]: Shape } = {
  connections: isLike<ConnectionInfo>({
    cid: isText,
    clientId: isText,
    system: isText,
    dialect,
    node: isText,
    remoteAddress: isText,
    connectedAt: isTime,
    ageSeconds: isNumber,
    idleSeconds: isNumber,
    uid: isOptional(isText),
    deviceId: isOptional(isText),
    deviceName: isOptional(isText),
    channel: isOptional(isText),
    boundAt: isOptional(isTime),
    groups: texts,
    delivered: isNumber,
    dropped: isNumber,
    queueBytes: isNumber,
  }),
  users: isLike<UserInfo>({
    uid: isText,
    system: isText,
    connections: isNumber,
    devices: texts,
    groups: texts,
    nodes: texts,
    boundAt: isTime,
  }),
  groups: isLike<GroupInfo>({ group: isText, system: isText, members: isNumber }),
  systems: isLike<SystemInfo>({
    system: isText,
    createdAt: isTime,
    connections: isNumber,
    users: isNumber,
    groups: isNumber,
  }),
};

const pageOf = (row: Shape) =>
  isLike<{ items: unknown; total: unknown; cursor: unknown; missingNodes: unknown }>({
    items: isListOf(row),
    total: isNumber,
    cursor: isOptional(isText),
    missingNodes: isOptional(texts),
  });

const failure = isLike<{ code: unknown; message: unknown; hint: unknown }>({
  code: isText,
  message: isText,
  hint: isOptional(isText),
});

const condition = isLike<{ field: unknown; op: unknown; value: unknown }>({ field: isText, op: isText, value: isText });
const query = isLike<{ where: unknown }>({ where: isOptional(isListOf(condition)) });

/** A page of rows of its kind, or why there was none. */
const list: Shape = (value) => {
  const place = isLike<{ kind: unknown }>({ kind: isOneOf(...Object.keys(rows)) })(value);
  if (place !== undefined) return place;
  const { kind } = value as { readonly kind: SnapshotListKind };
  const isRefused = 'error' in (value as object);
  return isRefused
    ? isLike<{ error: unknown }>({ error: failure })(value)
    : isLike<{ page: unknown }>({ page: pageOf(rows[kind]) })(value);
};

const subject = { system: isText, cid: isText, clientId: isOptional(isText), dialect, remoteAddress: isText };
const bound = { ...subject, uid: isOptional(isText), deviceId: isOptional(isText), channel: isOptional(isText) };
const end = isLike<ConnectionEnd>({
  ageSeconds: isNumber,
  idleSeconds: isNumber,
  delivered: isNumber,
  dropped: isNumber,
  queueBytes: isNumber,
});
const membership = { ...bound, group: isText, userId: isText, extend: isText };
const closing = { system: isText, cid: isText, uid: isOptional(isText), reason: isText };
const key = { system: isOptional(isText), role: isText, keyId: isText };
const peer = { peer: isText, incarnation: isNumber, address: isText };

const events: { readonly [K in NodeEvent['type']]: { readonly [field: string]: Shape } } = {
  connected: bound,
  bound,
  disconnected: { ...bound, code: isNumber, reason: isText, end: isOptional(end) },
  joined: membership,
  left: membership,
  kicked: closing,
  replaced: closing,
  system_added: { system: isText },
  system_removed: { system: isText },
  key_rotated: { ...key, removed: texts },
  key_removed: key,
  banned: { system: isText, uid: isText, until: isNumber, reason: isText },
  unbanned: { system: isText, uid: isText },
  node_joined: peer,
  node_left: peer,
  node_down: peer,
  refused: { error: isText, what: isText, remoteAddress: isText },
  paused: { cause: isText, ms: isNumber },
  state: { state: isText, reason: isText },
};

const event: Shape = (value) => {
  const place = isLike<{ type: unknown }>({ type: isOneOf(...Object.keys(events)) })(value);
  if (place !== undefined) return place;
  const { type } = value as { readonly type: NodeEvent['type'] };
  return isLike({ ...events[type], sequence: isNumber, time: isTime, node: isText })(value);
};

const target = isEither(
  isLike({ to: isOneOf('connections'), ids: texts }),
  isLike({ to: isOneOf('users'), uids: texts }),
  isLike({ to: isOneOf('userConnections'), uids: texts, ids: texts }),
  isLike({ to: isOneOf('device'), uid: isText, deviceId: isText }),
  isLike({ to: isOneOf('groups'), groups: texts }),
  isLike({ to: isOneOf('system') }),
);

const copy = isLike<TailCopy>({
  type: isOneOf('copy'),
  time: isTime,
  node: isText,
  system: isText,
  direction: isOneOf('in', 'out'),
  door: isOptional(isText),
  messageId: isOptional(isText),
  target: isOptional(target),
  targets: isOptional(isNumber),
  cid: isOptional(isText),
  uid: isOptional(isText),
  kind: isText,
  bytes: isNumber,
  body: isText,
  isRedacted: isFlag,
  isCut: isFlag,
  matched: isOptional(isNumber),
  delivered: isOptional(isNumber),
  dropped: isOptional(counts),
});

const stepOf = (item: Shape) =>
  isLike<{ isOpen: unknown; item: unknown; lost: unknown; error: unknown }>({
    isOpen: isOptional(isFlag),
    item: isOptional(item),
    lost: isOptional(isNumber),
    error: isOptional(isText),
  });

const lines: { readonly [K in RecordedLine['type']]: { readonly [field: string]: Shape } } = {
  sample: { tookMs: isNumber, stats },
  failure: { message: isText },
  list: { query, list },
  stream: { stream: isOneOf('events', 'copies'), isOpen: isFlag },
  event: { step: stepOf(event) },
  copy: { step: stepOf(copy) },
};

export const recordedTypes = Object.keys(lines) as readonly RecordedLine['type'][];

/** Where a line of that type is not as the dashboard writes it; undefined: it is. */
export function faultOfLine(type: RecordedLine['type'], line: object): string | undefined {
  return isLike(lines[type])(line);
}
