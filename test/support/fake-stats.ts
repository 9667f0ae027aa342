import { dialects } from '../../src/api/dialect.ts';
import type { ConnectionInfo, ListQuery, Page } from '../../src/api/listing.ts';
import type { SnapshotAnswer, SnapshotQuery } from '../../src/api/snapshot.ts';
import type { ClusterStats, DurationFigures, NodeStats } from '../../src/api/stats.ts';
import { noDurations } from './node-stats.ts';

export interface FakeStatsOptions {
  readonly nodes?: number;
  readonly clients?: number;
  readonly now?: () => number;
  readonly startedAt?: number;
}

/** A made-up cluster whose figures move like a real one's, the same for the same times. */
export interface FakeStats {
  stats(): Promise<ClusterStats>;
  connections(query: ListQuery): Promise<Page<ConnectionInfo>>;
  /** Of the lists, that of the connections. */
  snapshot(query?: SnapshotQuery): Promise<SnapshotAnswer>;
  /** While set, every question is refused with it. */
  failure: Error | undefined;
  /** Nodes that start anew, by index: their counters begin at 0. */
  restart(node: number): void;
  readonly queries: readonly ListQuery[];
  /** Questions for stats so far. */
  readonly asked: number;
}

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
  const all = Array.from({ length: clients }, (_, index) => fakeClient(index, nodes, now()));
  const queries: ListQuery[] = [];
  let asked = 0;
  const fake: FakeStats = {
    failure: undefined,
    queries,
    get asked() {
      return asked;
    },
    restart: (node) => {
      startedAt[node] = now();
    },
    async stats() {
      asked++;
      if (fake.failure) throw fake.failure;
      const list = startedAt.map((started, index) => fakeNode(index, started, now(), Math.floor(clients / nodes)));
      return {
        schema: 'yunque.stats/1',
        time: now(),
        nodes: list,
        totals: { users: list.reduce((sum, { users }) => sum + users, 0) },
        missingNodes: [],
        health: { verdict: 'ok', reasons: [] },
      };
    },
    async connections(query) {
      queries.push(query);
      if (fake.failure) throw fake.failure;
      return pageOf(all, query);
    },
    async snapshot({ list, query = {} } = {}) {
      const stats = await fake.stats();
      if (list === undefined) return { schema: 'yunque.snapshot/1', stats };
      if (list === 'connections') {
        return { schema: 'yunque.snapshot/1', stats, list: { kind: list, page: await fake.connections(query) } };
      }
      const error = { code: 'unavailable', message: 'made-up figures have no such list' } as const;
      return { schema: 'yunque.snapshot/1', stats, list: { kind: list, error } };
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

function fakeNode(index: number, startedAt: number, now: number, connections: number): NodeStats {
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

/** What the server does with a query, near enough: search, `=` and `>` conditions, sort, cursor. */
function pageOf(all: readonly ConnectionInfo[], query: ListQuery): Page<ConnectionInfo> {
  const field = (row: ConnectionInfo, name: string) => row[name as keyof ConnectionInfo] ?? '';
  const kept = all
    .filter((row) => query.system === undefined || row.system === query.system)
    .filter(
      (row) => !query.search || JSON.stringify(Object.values(row)).toLowerCase().includes(query.search.toLowerCase()),
    )
    .filter((row) =>
      (query.where ?? []).every(({ field: name, op, value }) =>
        op === '>' ? Number(field(row, name)) > Number(value) : String(field(row, name)) === value,
      ),
    );
  const sort = query.sort ?? 'cid';
  const sorted = kept.toSorted((a, b) =>
    field(a, sort) < field(b, sort) ? -1 : field(a, sort) > field(b, sort) ? 1 : Number(a.cid) - Number(b.cid),
  );
  if (query.descending) sorted.reverse();
  const start = Number(query.cursor ?? 0);
  const limit = query.limit ?? 100;
  const items = sorted.slice(start, start + limit);
  return { items, total: kept.length, ...(start + limit < kept.length ? { cursor: String(start + limit) } : {}) };
}
