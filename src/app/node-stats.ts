import { getHeapStatistics } from 'node:v8';
import type { Dialect } from '../api/dialect.ts';
import type {
  ClusterFigures,
  DoorFigures,
  DrainStats,
  Health,
  MarkFigures,
  NodeStats,
  SinkFigures,
} from '../api/stats.ts';
import type { Registry } from '../registry/registry.ts';
import type { Systems } from '../store/systems.ts';
import { type Counters, sum } from '../telemetry/counters.ts';
import { durationFigures } from '../telemetry/histogram.ts';
import type { LoopLag } from '../telemetry/loop-lag.ts';
import { createSlices } from '../util/slices.ts';
import type { Pressure } from './pressure.ts';

/** A connection with more than this waiting is called slow. */
const slowBytes = 16 * 1024;
/** A loop this late (p99) makes a node degraded. */
const lateMs = 200;

/** What a node of a cluster says of its part in it. */
export interface ClusterSide {
  /** Where the others reach its RPC, `host:port`. */
  readonly rpcAddress: string;
  /** Why it must not be sent clients; undefined: nothing. */
  readonly cutOff: string | undefined;
  /** In words; empty when all is well. */
  readonly troubles: readonly string[];
  figures(): ClusterFigures;
}

export interface QueueFigures {
  doors(): readonly DoorFigures[];
  sinks(): readonly SinkFigures[];
  /** In words; empty when all is well. */
  readonly troubles: readonly string[];
}

export interface NodeStatsSource {
  readonly nodeId: string;
  readonly version: string;
  readonly registry: Registry;
  readonly systems: Systems;
  readonly counters: Counters;
  readonly startedAt: number;
  /** By a clock that never jumps. */
  readonly uptimeMs: () => number;
  readonly state: () => NodeStats['state'];
  readonly drain: () => DrainStats | undefined;
  readonly addresses: () => readonly string[];
  readonly pending: () => number;
  readonly loopLag: () => LoopLag;
  readonly lostLogLines: () => Readonly<Record<string, number>>;
  readonly pressure: Pick<Pressure, 'shedding' | 'why'>;
  readonly cluster: ClusterSide | undefined;
  readonly marks: () => MarkFigures;
  /** Queues that it reads, and where it sends; undefined: not opened yet. */
  readonly queues: () => QueueFigures | undefined;
  readonly probe: () => { readonly lastMs: number | undefined; readonly failure: string | undefined };
}

/** The node's figures, gathered from where each is counted. */
export async function gatherNodeStats(source: NodeStatsSource): Promise<NodeStats> {
  const { registry, counters } = source;
  const queues = await measureQueues(registry);
  const { rss, heapUsed, heapTotal } = process.memoryUsage();
  const cpu = process.cpuUsage();
  const probe = source.probe();
  const drain = source.drain();
  const eventLoopLagMs = source.loopLag();
  const read = source.queues();
  const [doors = [], sinks = []] = [read?.doors(), read?.sinks()];
  return {
    node: source.nodeId,
    version: source.version,
    pid: process.pid,
    state: source.state(),
    ...(drain !== undefined && { drain }),
    startedAt: source.startedAt,
    uptimeSeconds: Math.floor(source.uptimeMs() / 1000),
    addresses: source.addresses(),
    connections: registry.size,
    connectionsByDialect: { ...registry.countByDialect },
    connectionsBySystem: Object.fromEntries(registry.systems.map((index) => [index.id, index.members.size])),
    pending: source.pending(),
    users: registry.systems.reduce((count, index) => count + index.users.size, 0),
    groups: registry.systems.reduce((count, index) => count + index.groups.size, 0),
    systems: (await source.systems.list()).length,
    messagesIn: { ...counters.messagesIn },
    messagesInTotal: sum(counters.messagesIn),
    deliveries: { ...counters.deliveries },
    deliveriesTotal: sum(counters.deliveries),
    dropped: { ...counters.dropped },
    droppedTotal: sum(counters.dropped),
    disconnects: { ...counters.disconnects },
    refused: { ...counters.refused },
    ignoredFrames: counters.ignoredFrames,
    ...queues,
    lostLogLines: source.lostLogLines(),
    pauses: { count: counters.pauses.count, seconds: Math.round(counters.pauses.seconds * 1000) / 1000 },
    eventLoopLagMs,
    durations: { flush: durationFigures(counters.flushes), fanout: durationFigures(counters.fanouts) },
    memory: { rss, heapUsed, heapTotal, heapLimit: getHeapStatistics().heap_size_limit },
    cpuSeconds: Math.round((cpu.user + cpu.system) / 1e4) / 100,
    ...(probe.lastMs !== undefined && { probeMs: probe.lastMs }),
    shedding: source.pressure.shedding,
    ...(source.cluster && { rpcAddress: source.cluster.rpcAddress, cluster: source.cluster.figures() }),
    marks: source.marks(),
    ...(doors.length > 0 && { doors }),
    ...(sinks.length > 0 && { sinks }),
    health: judgeHealth(
      drain?.isStaying === true ? 'serving' : source.state(),
      probe.failure ?? source.cluster?.cutOff,
      [
        ...(drain?.isStaying === true ? [drainedWords(source.nodeId, drain)] : []),
        ...troublesOf(source.pressure, eventLoopLagMs.p99),
        ...(source.cluster?.troubles ?? []),
        ...(read?.troubles ?? []),
      ],
    ),
  };
}

/** Connections by system and dialect. */
export function* countConnections(registry: Registry): Generator<{ system: string; dialect: Dialect; count: number }> {
  for (const index of registry.systems) {
    const counts = new Map<Dialect, number>();
    for (const { dialect } of index.members.connections()) counts.set(dialect, (counts.get(dialect) ?? 0) + 1);
    for (const [dialect, count] of counts) yield { system: index.id, dialect, count };
  }
}

/** Connections looked at before the clock is. */
const perLook = 128;

async function measureQueues(registry: Registry): Promise<Pick<NodeStats, 'outboxBytes' | 'slowClients'>> {
  const slices = createSlices();
  let [outboxBytes, slowClients, looked] = [0, 0, 0];
  for (const index of registry.systems) {
    for (const { queueBytes } of index.members.connections()) {
      looked += 1;
      if (looked % perLook === 0 && slices.isOver) await slices.next();
      outboxBytes += queueBytes;
      if (queueBytes > slowBytes) slowClients += 1;
    }
  }
  return { outboxBytes, slowClients };
}

function troublesOf({ shedding, why }: NodeStatsSource['pressure'], lagMs: number): string[] {
  return [
    ...(shedding.length > 0 ? [`newcomers are refused: ${why()}`] : []),
    ...(lagMs > lateMs ? [`the event loop runs ${Math.round(lagMs)} ms late`] : []),
  ];
}

function drainedWords(node: string, { left }: DrainStats): string {
  return `${left === 0 ? 'drained' : 'draining'}, asked for by an operator; yunque node resume ${node} ends it`;
}

function judgeHealth(state: NodeStats['state'], failure: string | undefined, reasons: string[]): Health {
  if (state !== 'serving') return { verdict: 'degraded', reasons: [state === 'draining' ? 'draining' : 'starting'] };
  if (failure !== undefined) return { verdict: 'critical', reasons: [failure] };
  return { verdict: reasons.length > 0 ? 'degraded' : 'ok', reasons };
}
