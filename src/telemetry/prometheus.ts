import { Counter, Gauge, Registry } from 'prom-client';
import type { Dialect } from '../api/dialect.ts';
import { dropReasons } from '../api/receipt.ts';
import { type NodeStats, sheddingReasons } from '../api/stats.ts';
import { createClusterMetrics } from './cluster-metrics.ts';
import { collectProcessMetrics } from './default-metrics.ts';
import { createDoorMetrics, createSinkMetrics } from './door-metrics.ts';
import { type Histogram, histogramJson, histogramText, type MetricJson } from './histogram.ts';

/** What is exposed: the node's stats, and connections by system and dialect, which stats do not break down. */
export interface MetricsSource {
  stats(): Promise<NodeStats>;
  connections(): Iterable<{ readonly system: string; readonly dialect: Dialect; readonly count: number }>;
  readonly durations: { readonly flushes: Histogram; readonly fanouts: Histogram };
  /** Requests of clients, by route and code. */
  readonly uplink?: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

type Labelled = Readonly<Record<string, number>>;

const verdicts = ['ok', 'degraded', 'critical'] as const satisfies NodeStats['health']['verdict'][];
const states = ['starting', 'serving', 'draining'] as const satisfies NodeStats['state'][];
/** A series that is there from the start: what begins with a count above 0 is no growth to Prometheus. */
const noDrops = Object.fromEntries(dropReasons.map((reason) => [reason, 0]));

const durationHelp = {
  yunque_flush_seconds: 'Handing out and writing all that one turn of the loop had collected.',
  yunque_fanout_seconds: 'From the first message of a batch until all its members had it.',
} as const;

function durationsOf({ durations }: MetricsSource) {
  return [
    ['yunque_flush_seconds', durations.flushes],
    ['yunque_fanout_seconds', durations.fanouts],
  ] as const;
}

/** Prometheus text from the same counts as `stats` and `top`: nothing is counted twice. */
export function createMetrics(source: MetricsSource): () => Promise<string> {
  const collect = createRegistry(source, {});
  return async () => {
    const texts = durationsOf(source).map(([name, histogram]) => histogramText(name, durationHelp[name], histogram));
    return [await (await collect()).metrics(), ...texts].join('\n');
  };
}

/** The same as JSON, for `mergeMetrics`, with `labels` on every sample. */
export function createMetricsJson(
  source: MetricsSource,
  labels: Readonly<Record<string, string>>,
): () => Promise<MetricJson[]> {
  const collect = createRegistry(source, labels);
  return async () => {
    const json = (await (await collect()).getMetricsAsJSON()) as unknown as MetricJson[];
    const durations = durationsOf(source).map(([name, each]) => histogramJson(name, durationHelp[name], each, labels));
    return [...json, ...durations];
  };
}

/** Answers the registry, freshly counted. */
function createRegistry(source: MetricsSource, labels: Readonly<Record<string, string>>): () => Promise<Registry> {
  const registry = new Registry();
  registry.setDefaultLabels({ ...labels });
  collectProcessMetrics(registry);
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] });
  const gaugeBy = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  const counterBy = <L extends string>(name: string, help: string, label: L) => {
    const counter = new Counter({ name, help, labelNames: [label], registers: [registry] });
    return (counts: Labelled) => {
      counter.reset();
      for (const [value, count] of Object.entries(counts)) counter.inc({ [label]: value } as Record<L, string>, count);
    };
  };

  const connections = gaugeBy('yunque_connections', 'Connections that may receive messages.', ['system', 'dialect']);
  const pending = gauge('yunque_connections_pending', 'Connections that have not bound yet.');
  const users = gauge('yunque_users', 'Users with at least one connection; of several workers one counts it.');
  const groups = gauge(
    'yunque_groups',
    'Groups with at least one member here; several workers may each have members of one.',
  );
  const systems = gauge('yunque_systems', 'Systems (tenants) that exist.');
  const messagesIn = counterBy('yunque_messages_in_total', 'Messages taken in, by door.', 'door');
  const deliveries = counterBy('yunque_deliveries_total', 'Messages handed to a socket, by dialect.', 'dialect');
  const dropped = counterBy('yunque_dropped_total', 'Deliveries that were dropped, by reason.', 'reason');
  const disconnects = counterBy('yunque_disconnects_total', 'Connections ended, by WebSocket close code.', 'code');
  const refused = counterBy('yunque_refused_total', 'Requests and connections refused, by error code.', 'error');
  const lostLines = counterBy(
    'yunque_log_lines_lost_total',
    'Lines of log that could not be written, by destination.',
    'log',
  );
  const marks = counterBy(
    'yunque_marks_total',
    'What could not be told from what was there before as well as it should, by what it was.',
    'what',
  );
  const uplink = new Counter({
    name: 'yunque_uplink_requests_total',
    help: 'Requests of clients, by route and by the code they were answered with.',
    labelNames: ['route', 'code'],
    registers: [registry],
  });
  const ignored = new Counter({
    name: 'yunque_ignored_frames_total',
    help: 'Client frames without a meaning.',
    registers: [registry],
  });
  const pauses = new Counter({
    name: 'yunque_pauses_detected_total',
    help: 'Times the process stood still for a second or more.',
    registers: [registry],
  });
  const paused = new Counter({
    name: 'yunque_pause_detected_seconds_total',
    help: 'How long the process stood still in those.',
    registers: [registry],
  });
  const heapLimit = gauge('yunque_heap_limit_bytes', 'What the JavaScript heap may grow to.');
  const outbox = gauge('yunque_outbox_bytes', 'Bytes waiting for sockets.');
  const slow = gauge('yunque_slow_clients', 'Connections with more than 16 KiB waiting.');
  const lag = gaugeBy('yunque_event_loop_lag_seconds', 'How late the event loop runs.', ['quantile']);
  const shedding = gaugeBy('yunque_shedding', '1 while newcomers are refused for this reason.', ['reason']);
  const probe = gauge(
    'yunque_probe_seconds',
    'How long the last probe message took round the real path; NaN after a failure.',
  );
  const health = gaugeBy('yunque_health', '1 for what the node says of itself, 0 for the others.', ['verdict']);
  const state = gaugeBy('yunque_state', '1 for what the node is doing, 0 for the others.', ['state']);
  let showCluster: ReturnType<typeof createClusterMetrics> | undefined;
  let showDoors: ReturnType<typeof createDoorMetrics> | undefined;
  let showSinks: ReturnType<typeof createSinkMetrics> | undefined;
  const info = gaugeBy('yunque_build_info', '1, with the version and node id as labels.', ['version', 'node']);

  return async () => {
    const stats = await source.stats();
    connections.reset();
    for (const { system, dialect, count } of source.connections()) connections.set({ system, dialect }, count);
    pending.set(stats.pending);
    users.set(stats.users);
    groups.set(stats.groups);
    systems.set(stats.systems);
    messagesIn(stats.messagesIn);
    deliveries(stats.deliveries);
    dropped({ ...noDrops, ...stats.dropped });
    disconnects(stats.disconnects);
    refused(stats.refused);
    lostLines(stats.lostLogLines);
    marks({ ...stats.marks });
    uplink.reset();
    for (const [route, codes] of source.uplink ?? []) {
      for (const [code, count] of Object.entries(codes)) uplink.inc({ route, code }, count);
    }
    ignored.reset();
    ignored.inc(stats.ignoredFrames);
    pauses.reset();
    pauses.inc(stats.pauses.count);
    paused.reset();
    paused.inc(stats.pauses.seconds);
    heapLimit.set(stats.memory.heapLimit);
    outbox.set(stats.outboxBytes);
    slow.set(stats.slowClients);
    lag.set({ quantile: 'mean' }, stats.eventLoopLagMs.mean / 1000);
    lag.set({ quantile: '0.99' }, stats.eventLoopLagMs.p99 / 1000);
    lag.set({ quantile: 'max' }, stats.eventLoopLagMs.max / 1000);
    for (const reason of sheddingReasons) shedding.set({ reason }, stats.shedding.includes(reason) ? 1 : 0);
    probe.set(stats.probeMs === undefined ? Number.NaN : stats.probeMs / 1000);
    for (const verdict of verdicts) health.set({ verdict }, stats.health.verdict === verdict ? 1 : 0);
    for (const each of states) state.set({ state: each }, stats.state === each ? 1 : 0);
    info.set({ version: stats.version, node: stats.node }, 1);
    if (stats.cluster !== undefined) {
      showCluster ??= createClusterMetrics(registry);
      showCluster(stats.cluster);
    }
    if (stats.doors !== undefined) {
      showDoors ??= createDoorMetrics(registry);
      showDoors(stats.doors);
    }
    if (stats.sinks !== undefined) {
      showSinks ??= createSinkMetrics(registry);
      showSinks(stats.sinks);
    }
    return registry;
  };
}
