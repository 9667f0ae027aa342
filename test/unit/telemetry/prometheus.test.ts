import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DoorFigures, NodeStats } from '../../../src/api/stats.ts';
import { Counters } from '../../../src/telemetry/counters.ts';
import { createMetrics } from '../../../src/telemetry/prometheus.ts';
import { noDurations } from '../../support/node-stats.ts';

const stats: NodeStats = {
  node: 'n1',
  version: '1.2.3',
  pid: 1,
  marks: { seen_shortened: 2, seen_failed: 0, sequences_local: 0, idempotency_alone: 0 },
  state: 'serving',
  startedAt: 0,
  uptimeSeconds: 1,
  addresses: [],
  connections: 3,
  connectionsByDialect: { json: 1, yunque: 2, cim: 0, 'cim-json': 0 },
  connectionsBySystem: { default: 3 },
  pending: 4,
  users: 5,
  groups: 6,
  systems: 7,
  messagesIn: { http: 8, admin: 9 },
  messagesInTotal: 17,
  deliveries: { json: 10, yunque: 11, cim: 0, 'cim-json': 0 },
  deliveriesTotal: 21,
  dropped: { slow_consumer: 12 },
  droppedTotal: 12,
  disconnects: { 1006: 13, 4001: 14 },
  refused: { forbidden: 15 },
  lostLogLines: { output: 7 },
  ignoredFrames: 16,
  outboxBytes: 17,
  slowClients: 18,
  eventLoopLagMs: { mean: 1, p99: 20, max: 300 },
  durations: { flush: noDurations(), fanout: noDurations() },
  memory: { rss: 1, heapUsed: 1, heapTotal: 1, heapLimit: 19 },
  pauses: { count: 20, seconds: 21.5 },
  cpuSeconds: 1,
  probeMs: 2.5,
  shedding: ['memory'],
  health: { verdict: 'ok', reasons: [] },
};

async function scrape(
  of: NodeStats = stats,
  connections = [{ system: 'a"\n\\b', dialect: 'json' as const, count: 3 }],
) {
  return createMetrics({ stats: async () => of, connections: () => connections, durations: new Counters() })();
}

/** The value of each series by name and labels; histograms have a test of their own. */
function seriesOf(text: string): Map<string, string> {
  const lines = text.split('\n').filter((line) => /^yunque_(?!(flush|fanout)_seconds)/.test(line));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]));
}

describe('metrics', () => {
  test('count requests of clients by route and by code, of codes that a backend makes up only the plain ones', async () => {
    const counters = new Counters();
    for (const code of ['200', '200', '0', '404', 'NOT_PAID', '4711', '-1']) counters.uplinkAnswered('http:shop', code);
    counters.uplinkAnswered('none', '404');
    const source = { stats: async () => stats, connections: () => [], durations: counters, uplink: counters.uplink };
    const metrics = createMetrics(source);
    await metrics();
    const series = [...seriesOf(await metrics())].filter(([name]) => name.startsWith('yunque_uplink'));
    assert.deepEqual(Object.fromEntries(series), {
      'yunque_uplink_requests_total{route="http:shop",code="200"}': '2',
      'yunque_uplink_requests_total{route="http:shop",code="0"}': '1',
      'yunque_uplink_requests_total{route="http:shop",code="404"}': '1',
      'yunque_uplink_requests_total{route="http:shop",code="other"}': '3',
      'yunque_uplink_requests_total{route="none",code="404"}': '1',
    });
  });

  test('are the stats, in base units, under the names of the design', async () => {
    const series = seriesOf(await scrape());
    const expected: Record<string, string> = {
      yunque_connections_pending: '4',
      yunque_users: '5',
      yunque_heap_limit_bytes: '19',
      yunque_pauses_detected_total: '20',
      yunque_pause_detected_seconds_total: '21.5',
      yunque_groups: '6',
      yunque_systems: '7',
      'yunque_messages_in_total{door="http"}': '8',
      'yunque_messages_in_total{door="admin"}': '9',
      'yunque_deliveries_total{dialect="json"}': '10',
      'yunque_deliveries_total{dialect="yunque"}': '11',
      'yunque_deliveries_total{dialect="cim"}': '0',
      'yunque_deliveries_total{dialect="cim-json"}': '0',
      'yunque_dropped_total{reason="slow_consumer"}': '12',
      'yunque_dropped_total{reason="closing"}': '0',
      'yunque_dropped_total{reason="not_in_dialect"}': '0',
      'yunque_dropped_total{reason="outbox_full"}': '0',
      'yunque_dropped_total{reason="displaced"}': '0',
      'yunque_dropped_total{reason="conflated"}': '0',
      'yunque_dropped_total{reason="expired"}': '0',
      'yunque_disconnects_total{code="1006"}': '13',
      'yunque_disconnects_total{code="4001"}': '14',
      'yunque_refused_total{error="forbidden"}': '15',
      'yunque_log_lines_lost_total{log="output"}': '7',
      'yunque_marks_total{what="seen_shortened"}': '2',
      'yunque_marks_total{what="seen_failed"}': '0',
      'yunque_marks_total{what="sequences_local"}': '0',
      'yunque_marks_total{what="idempotency_alone"}': '0',
      yunque_ignored_frames_total: '16',
      yunque_outbox_bytes: '17',
      yunque_slow_clients: '18',
      'yunque_shedding{reason="heap"}': '0',
      'yunque_shedding{reason="memory"}': '1',
      'yunque_shedding{reason="descriptors"}': '0',
      'yunque_event_loop_lag_seconds{quantile="mean"}': '0.001',
      'yunque_event_loop_lag_seconds{quantile="0.99"}': '0.02',
      'yunque_event_loop_lag_seconds{quantile="max"}': '0.3',
      yunque_probe_seconds: '0.0025',
      'yunque_health{verdict="ok"}': '1',
      'yunque_health{verdict="degraded"}': '0',
      'yunque_health{verdict="critical"}': '0',
      'yunque_state{state="starting"}': '0',
      'yunque_state{state="serving"}': '1',
      'yunque_state{state="draining"}': '0',
      'yunque_build_info{version="1.2.3",node="n1"}': '1',
      'yunque_connections{system="a\\"\\n\\\\b",dialect="json"}': '3',
    };
    assert.deepEqual(Object.fromEntries([...series].sort()), Object.fromEntries(Object.entries(expected).sort()));
  });

  test('of queue doors and ways out are there where the node has some', async () => {
    const doors: readonly DoorFigures[] = [
      {
        ...{ name: 'stream:chat', kind: 'stream', state: 'reading', lag: 1, figures: { gaps: 8, redelivered: 9 } },
        ...{ records: 2, messages: 3, perSecond: 0.3, batches: 4, duplicates: 5, parked: 6, retries: 7 },
      },
      {
        ...{ name: 'channel:chat', kind: 'channel', state: 'failing', failure: 'gone', figures: {} },
        ...{ records: 0, messages: 0, perSecond: 0, batches: 0, duplicates: 0, parked: 0, retries: 0 },
      },
    ];
    const sink = { name: 'http:shop', use: 'uplink', kind: 'http', state: 'ready' } as const;
    const sinks = [{ ...sink, sent: 1, failed: 2, dropped: 3, waiting: 4 }];
    const text = await scrape({ ...stats, doors, sinks });
    const found = [...seriesOf(text)].filter(([name]) => /^yunque_(door|sink)_/.test(name));
    const of = (door: string, values: Record<string, string>) =>
      Object.entries(values).map(([name, value]) => [`yunque_door_${name}{door="${door}"}`, value]);
    const zero = { records_total: '0', messages_total: '0', batches_total: '0', duplicates_total: '0' };
    const sinkSeries = { up: '1', waiting: '4', sent_total: '1', failed_total: '2', dropped_total: '3' };
    assert.deepEqual(
      Object.fromEntries(found),
      Object.fromEntries([
        ...of('stream:chat', { up: '1', lag: '1', records_total: '2', messages_total: '3', batches_total: '4' }),
        ...of('stream:chat', { duplicates_total: '5', parked_total: '6', retries_total: '7' }),
        ...of('channel:chat', { up: '0', lag: 'Nan', ...zero, parked_total: '0', retries_total: '0' }),
        ['yunque_door_events_total{door="stream:chat",what="gaps"}', '8'],
        ['yunque_door_events_total{door="stream:chat",what="redelivered"}', '9'],
        ...Object.entries(sinkSeries).map(([name, value]) => [
          `yunque_sink_${name}{sink="http:shop",use="uplink"}`,
          value,
        ]),
      ]),
    );
    assert.equal(/yunque_(door|sink)_/.test(await scrape()), false);
  });

  test('say what each is, and which only grow', async () => {
    const text = await scrape();
    const names = new Set([...seriesOf(text).keys()].map((series) => series.replace(/\{.*/s, '')));
    for (const name of names) {
      assert.match(text, new RegExp(`^# HELP ${name} \\S`, 'm'));
      assert.match(text, new RegExp(`^# TYPE ${name} ${name.endsWith('_total') ? 'counter' : 'gauge'}$`, 'm'));
    }
    assert.match(text, /^process_resident_memory_bytes /m);
  });

  test('show the figures of the moment at every scrape, counted once, without systems that have emptied', async () => {
    let current = stats;
    let connections = [{ system: 'a', dialect: 'json' as const, count: 3 }];
    const metrics = createMetrics({
      stats: async () => current,
      connections: () => connections,
      durations: new Counters(),
    });
    await metrics();
    const again = seriesOf(await metrics());
    assert.equal(again.get('yunque_messages_in_total{door="http"}'), '8');
    const { probeMs: _, ...withoutProbe } = stats;
    current = { ...withoutProbe, messagesIn: { http: 20 } };
    connections = [{ system: 'b', dialect: 'json', count: 1 }];
    const later = seriesOf(await metrics());
    assert.equal(later.get('yunque_messages_in_total{door="http"}'), '20');
    assert.equal(later.has('yunque_connections{system="a",dialect="json"}'), false);
    assert.equal(later.get('yunque_connections{system="b",dialect="json"}'), '1');
    assert.equal(later.get('yunque_probe_seconds'), 'Nan');
  });

  test('of two scrapes at once are whole in both', async () => {
    const metrics = createMetrics({ stats: async () => stats, connections: () => [], durations: new Counters() });
    const [one, two] = await Promise.all([metrics(), metrics()]);
    assert.deepEqual(seriesOf(one), seriesOf(two));
  });

  test('of two nodes in one process do not mix', async () => {
    const [one, two] = await Promise.all([scrape(), scrape({ ...stats, users: 99 })]);
    assert.deepEqual([seriesOf(one).get('yunque_users'), seriesOf(two).get('yunque_users')], ['5', '99']);
  });

  test('of a node in a cluster show its links, Redis and the bus, and nothing of it of a node that is alone', async () => {
    const figures = { unconfirmed: 2, unconfirmed_bytes: 90, republished: 3 };
    const cluster = {
      ...{ incarnation: 1, links: ['n2', 'n3'], members: 3, died: 1, redis: { up: false, failure: 'gone' } },
      bus: { engine: 'rabbitmq', up: true, beatMs: 4, figures },
    };
    const series = seriesOf(await scrape({ ...stats, cluster }));
    assert.deepEqual(
      [...series].filter(([name]) => /^yunque_(bus|cluster|redis)/.test(name)),
      [
        ['yunque_cluster_links', '2'],
        ['yunque_cluster_nodes', '3'],
        ['yunque_cluster_nodes_down_total', '1'],
        ['yunque_redis_up', '0'],
        ['yunque_bus_up{engine="rabbitmq"}', '1'],
        ['yunque_bus_beat_seconds{engine="rabbitmq"}', '0.004'],
        ['yunque_bus_held{engine="rabbitmq",what="unconfirmed"}', '2'],
        ['yunque_bus_held{engine="rabbitmq",what="unconfirmed_bytes"}', '90'],
        ['yunque_bus_events_total{engine="rabbitmq",what="republished"}', '3'],
      ],
    );
    const alone = seriesOf(await scrape());
    assert.equal(
      [...alone.keys()].some((name) => /^yunque_(bus|cluster|redis)/.test(name)),
      false,
    );
  });
});
