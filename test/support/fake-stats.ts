import { dialects } from '../../src/api/dialect.ts';
import type { NodeEvent } from '../../src/api/event.ts';
import type { ConnectionInfo, GroupInfo, ListQuery, Page, SystemInfo } from '../../src/api/listing.ts';
import type { SnapshotAnswer, SnapshotList, SnapshotQuery } from '../../src/api/snapshot.ts';
import type {
  ClusterFigures,
  ClusterStats,
  DoorFigures,
  DurationFigures,
  NodeStats,
  SinkFigures,
} from '../../src/api/stats.ts';
import type { TailItem, TailQuery } from '../../src/api/tail.ts';
import type { EventQuery, EventStreamItem } from '../../src/client/events.ts';
import type { TailRequest, TailStreamItem } from '../../src/client/tail.ts';
import { noDurations } from './node-stats.ts';

export interface FakeStatsOptions {
  readonly nodes?: number;
  readonly clients?: number;
  readonly now?: () => number;
  readonly startedAt?: number;
  /** Nodes that do not answer. */
  readonly missingNodes?: readonly string[];
}

/** A made-up cluster whose figures move like a real one's, the same for the same times. */
export interface FakeStats {
  stats(): Promise<ClusterStats>;
  connections(query: ListQuery): Promise<Page<ConnectionInfo>>;
  snapshot(query?: SnapshotQuery): Promise<SnapshotAnswer>;
  /** The same events and copies every time, then nothing more until the reader leaves. */
  events(query?: EventQuery): AsyncGenerator<EventStreamItem, void, undefined>;
  tail(query?: TailRequest): AsyncGenerator<TailStreamItem, void, undefined>;
  /** While set, every question is refused with it. */
  failure: Error | undefined;
  /** Nodes that start anew, by index: their counters begin at 0. */
  restart(node: number): void;
  readonly queries: readonly ListQuery[];
  /** Streams of copies that were opened. */
  readonly tails: readonly TailQuery[];
  /** Questions for stats so far. */
  readonly asked: number;
}

type Fields = Readonly<Record<string, unknown>>;

const collator = new Intl.Collator('en', { numeric: true });

const names = [
  'alice',
  'bob',
  '张伟',
  '王小明',
  'юлия',
  'さくら',
  '김민준',
  'e\u0301tienne',
  '👩‍👩‍👧‍👦family',
  'mallory\u001b[31m\u0007',
  'a-rather-long-user-identity@example.com',
];

export function createFakeStats(options: FakeStatsOptions = {}): FakeStats {
  const { nodes = 3, clients = 2000, now = Date.now } = options;
  const born = options.startedAt ?? now() - 3 * 86_400_000 - 4 * 3_600_000;
  const startedAt = Array.from({ length: nodes }, (_, index) => born + index * 60_000);
  const connections = Array.from({ length: clients }, (_, index) => fakeClient(index, nodes, now()));
  const groups = Array.from(
    { length: 40 },
    (_, index): GroupInfo => ({
      group: index % 2 ? `room-${index}` : `聊天室-${index}`,
      system: index % 5 === 0 ? 'shop' : 'default',
      members: (index * 37) % 900,
    }),
  );
  const systems = ['default', 'shop'].map(
    (system, index): SystemInfo => ({
      system,
      createdAt: born,
      connections: index === 0 ? clients - 12 : 12,
      users: 100,
      groups: 20,
    }),
  );
  const queries: ListQuery[] = [];
  const tails: TailQuery[] = [];
  let asked = 0;
  const fake: FakeStats = {
    failure: undefined,
    queries,
    tails,
    get asked() {
      return asked;
    },
    restart: (node) => {
      startedAt[node] = now();
    },
    async stats() {
      asked++;
      if (fake.failure) throw fake.failure;
      const list = startedAt.map((started, index) =>
        fakeNode(index, started, now(), Math.floor(clients / nodes), nodes),
      );
      return {
        schema: 'yunque.stats/1',
        time: now(),
        nodes: list,
        totals: {
          users: list.reduce((sum, { users }) => sum + users, 0),
          groups: list.reduce((sum, { groups }) => sum + groups, 0),
        },
        missingNodes: options.missingNodes ?? [],
        health: { verdict: 'ok', reasons: [] },
      };
    },
    async snapshot({ list, query = {} } = {}) {
      if (list !== undefined) queries.push(query);
      const stats = await fake.stats();
      if (list === undefined) return { schema: 'yunque.snapshot/1', stats };
      const all = { connections, users: [], groups, systems }[list] as readonly Fields[];
      const page = pageOf(all, query);
      return { schema: 'yunque.snapshot/1', stats, list: { kind: list, page } as unknown as SnapshotList };
    },
    async *events({ signal } = {}) {
      yield { type: 'open', attempt: 0 };
      const from = now() - 30_000;
      for (let index = 0; index < 30; index++) {
        yield { type: 'event', event: fakeEvent(index, from + index * 1000), missed: index === 20 ? 2 : 0 };
      }
      await untilAborted(signal);
    },
    async *tail({ signal, ...query } = {}) {
      tails.push(query);
      yield { type: 'open', attempt: 0 };
      const from = now() - 30_000;
      for (let index = 0; index < 30; index++) {
        yield { type: 'item', item: fakeCopy(index, from + index * 1000) };
      }
      yield { type: 'item', item: { type: 'lost', node: 'node-a', count: 7, why: 'rate' } };
      await untilAborted(signal);
    },
    async connections(query) {
      const { list } = await fake.snapshot({ list: 'connections', query });
      if (list?.kind !== 'connections' || !('page' in list)) throw new Error('no such list');
      return list.page;
    },
  };
  return fake;
}

function fakeClient(index: number, nodes: number, now: number): ConnectionInfo {
  const name = names[index % names.length] ?? 'nobody';
  const age = (index * 7919) % 400_000;
  return {
    cid: String(1000 + index),
    clientId: index % 7 === 0 ? '' : Buffer.from(`client-${index}-0123456789`).toString('base64'),
    system: index % 5 === 0 ? 'shop' : 'default',
    dialect: dialects[index % 4] ?? 'json',
    node: `node-${'abcdefgh'[index % nodes]}`,
    remoteAddress: index % 13 === 0 ? `2001:db8::${index.toString(16)}` : `10.0.${index % 256}.${(index * 31) % 256}`,
    connectedAt: now - age * 1000,
    ageSeconds: age,
    idleSeconds: (index * 31) % 45,
    ...(index % 6 === 5
      ? {}
      : {
          uid: `${name}${index >= names.length ? index : ''}`,
          deviceId: `device-${index}`,
          deviceName: index % 2 ? 'iPhone' : '小米手机',
          channel: 'ios',
          boundAt: now - age * 1000 + 40,
        }),
    groups: index % 3 === 0 ? ['lobby', 'vip'] : [],
    delivered: (index * 104_729) % 2_500_000,
    dropped: index % 17 === 0 ? index : 0,
    queueBytes: index % 19 === 0 ? index * 997 : 0,
  };
}

function fakeNode(index: number, startedAt: number, now: number, connections: number, nodes: number): NodeStats {
  const seconds = (now - startedAt) / 1000;
  // The integral of a rate that swings, so that the counters only grow.
  const grown = (rate: number, period: number) =>
    Math.floor(rate * seconds + rate * 0.6 * (period / 6.283) * (1 - Math.cos((seconds / period) * 6.283)));
  const messagesIn = grown(120 * (index + 1), 37);
  const deliveries = grown(2400 * (index + 1), 23);
  const dropped = index === 1 ? Math.floor(seconds / 4) : 0;
  const quarter = Math.floor(connections / 4);
  return {
    node: `node-${'abcdefgh'[index]}`,
    version: '0.1.0',
    marks: { seen_shortened: 0, seen_failed: 0, sequences_local: 0, idempotency_alone: 0 },
    pid: 4000 + index,
    state: 'serving',
    startedAt,
    uptimeSeconds: seconds,
    addresses: [`http://10.0.0.${index + 1}:666`],
    connections,
    connectionsByDialect: { json: connections - 3 * quarter, yunque: quarter, cim: quarter, 'cim-json': quarter },
    connectionsBySystem: { default: connections - 12, shop: 12 },
    pending: index,
    users: Math.floor(connections * 0.8),
    groups: 42 + index,
    systems: 2,
    messagesIn: { http: messagesIn - 7, admin: 7 },
    messagesInTotal: messagesIn,
    deliveries: { json: deliveries },
    deliveriesTotal: deliveries,
    dropped: { slow_consumer: dropped },
    droppedTotal: dropped,
    disconnects: { 1000: 812, 4012: 9 },
    lostLogLines: {},
    refused: { bad_request: 3 },
    ignoredFrames: 0,
    pauses: { count: 0, seconds: 0 },
    outboxBytes: index * 73_123,
    slowClients: index,
    eventLoopLagMs: { mean: 0.4, p99: 1.2 + index * 3, max: 22 },
    durations: { flush: fakeDurations(messagesIn, 2), fanout: fakeDurations(messagesIn, 4) },
    memory: { rss: (93 + index * 40) * 1_048_576, heapUsed: 41_000_000, heapTotal: 62_000_000, heapLimit: 0 },
    cpuSeconds: seconds * 0.21,
    probeMs: 0.8,
    shedding: [],
    cluster: fakeCluster(index, nodes),
    ...(index < 2 && { doors: fakeDoors(index, seconds), sinks: fakeSinks(index) }),
    health: { verdict: 'ok', reasons: [] },
  };
}

/** Most in bucket `usual`, some in the two above it. */
function fakeDurations(count: number, usual: number): DurationFigures {
  const { bounds, counts } = noDurations();
  const slow = Math.floor(count / 50);
  const filled = counts.map((_, at) => ({ [usual]: count - slow, [usual + 1]: slow - Math.floor(slow / 9) })[at] ?? 0);
  filled[usual + 2] = Math.floor(slow / 9);
  return { bounds, counts: filled, count, sum: filled.reduce((sum, n, at) => sum + n * (bounds[at] ?? 0), 0) };
}

function fakeCluster(index: number, nodes: number): ClusterFigures {
  const links = Array.from({ length: nodes }, (_, other) => `node-${'abcdefgh'[other]}`);
  return {
    incarnation: 7,
    links: links.toSpliced(index, 1),
    members: nodes,
    died: 0,
    redis: { up: true },
    bus: { engine: 'redis', up: true, beatMs: 0.8 + index, figures: { sent: 1234, received: 5678, unconfirmed: 0 } },
  };
}

function fakeDoors(index: number, seconds: number): readonly DoorFigures[] {
  const messages = Math.floor(seconds * 150);
  const counts = { records: messages - 40, messages, batches: Math.floor(messages / 20), duplicates: 0, figures: {} };
  return [
    {
      name: 'chat',
      kind: 'kafka',
      state: 'reading',
      lag: 412 * index,
      perSecond: 150,
      parked: 2,
      retries: 0,
      ...counts,
    },
    {
      ...{ name: 'orders', kind: 'rabbitmq', perSecond: 0, parked: 0, retries: 31, ...counts },
      ...(index === 0 ? { state: 'standby' } : { state: 'failing', failure: 'connect ECONNREFUSED 10.0.0.77:5672' }),
    },
  ];
}

function fakeSinks(index: number): readonly SinkFigures[] {
  const sink = { sent: 48_211 + index, failed: 0, dropped: index, waiting: 3 * index };
  return [{ name: 'presence', use: 'events', kind: 'stream', state: 'ready', ...sink }];
}

function fakeEvent(index: number, time: number): NodeEvent {
  const envelope = { sequence: index + 1, time, node: `node-${'abc'[index % 3]}` };
  const name = names[index % names.length] ?? 'nobody';
  const subject = { system: 'default', cid: String(1000 + index), dialect: 'json', remoteAddress: '10.0.0.9' } as const;
  const uid = { uid: name };
  switch (index % 8) {
    case 0:
      return { ...envelope, type: 'connected', ...subject };
    case 1:
      return { ...envelope, type: 'bound', ...subject, ...uid };
    case 2:
      return {
        ...{ ...envelope, type: 'disconnected', ...subject, ...uid, code: 4012, reason: 'no heartbeat in time' },
        end: { ageSeconds: 3000 + index, idleSeconds: 61, delivered: 812, dropped: index, queueBytes: 0 },
      };
    case 3:
      return { ...envelope, type: 'state', state: 'serving', reason: 'started' };
    case 4:
      return { ...envelope, type: 'kicked', system: 'default', cid: subject.cid, ...uid, reason: 'spam\u001b[2J' };
    case 5:
      return { ...envelope, type: 'node_down', peer: 'node-d', incarnation: 3, address: '10.0.0.4:1666' };
    case 6:
      return { ...envelope, type: 'refused', error: 'unauthorized', what: 'GET /ws', remoteAddress: '10.9.8.7' };
    default:
      return { ...envelope, type: 'joined', ...subject, ...uid, group: '聊天室-1', userId: '', extend: '' };
  }
}

function fakeCopy(index: number, time: number): TailItem {
  const out = { type: 'copy', time, node: `node-${'abc'[index % 3]}`, system: 'default' } as const;
  const body = JSON.stringify({ text: `你好 ${index}` });
  const rest = { kind: 'push', bytes: body.length, body, isRedacted: false, isCut: false };
  if (index % 3 === 0) {
    const target = { to: 'groups', groups: ['lobby'] } as const;
    return {
      ...out,
      ...rest,
      direction: 'out',
      door: 'http',
      messageId: `m-${index}`,
      target,
      matched: 12,
      delivered: 12,
    };
  }
  return {
    ...out,
    ...rest,
    direction: index % 3 === 1 ? 'out' : 'in',
    cid: String(1000 + index),
    uid: names[index % names.length] ?? '',
  };
}

async function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined || signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** What the server does with a query, near enough: search, `=` and `>` conditions, sort, cursor. */
function pageOf(all: readonly Fields[], query: ListQuery): Page<Fields> {
  const field = (row: Fields, name: string) => (row[name] ?? '') as string | number;
  const kept = all
    .filter((row) => query.system === undefined || row['system'] === query.system)
    .filter(
      (row) => !query.search || JSON.stringify(Object.values(row)).toLowerCase().includes(query.search.toLowerCase()),
    )
    .filter((row) =>
      (query.where ?? []).every(({ field: name, op, value }) =>
        op === '>' ? Number(field(row, name)) > Number(value) : String(field(row, name)) === value,
      ),
    );
  const [key = 'cid'] = Object.keys(all[0] ?? {});
  const sort = query.sort ?? key;
  const sorted = kept.toSorted((a, b) =>
    field(a, sort) < field(b, sort)
      ? -1
      : field(a, sort) > field(b, sort)
        ? 1
        : collator.compare(String(a[key]), String(b[key])),
  );
  if (query.descending) sorted.reverse();
  const start = Number(query.cursor ?? 0);
  const limit = query.limit ?? 100;
  const items = sorted.slice(start, start + limit);
  return { items, total: kept.length, ...(start + limit < kept.length ? { cursor: String(start + limit) } : {}) };
}
