import type { ClusterFigures, NodeStats } from '../../api/stats.ts';
import { sanitizeLine } from '../../util/control-characters.ts';
import { formatAge, formatBytes, formatExact, formatMs, formatRate } from '../../util/figures.ts';
import { formatCores, formatMoment, formatPercentiles } from '../draw/format.ts';
import { verdictLooks } from '../draw/theme.ts';
import type { NodeSample } from '../feed/snapshot.ts';
import { countsOf, type Detail } from './detail.ts';

export function nodeDetails({ stats, rates, latency }: NodeSample): readonly Detail[] {
  const { eventLoopLagMs: lag, memory, health } = stats;
  return [
    [
      'node',
      `${sanitizeLine(stats.node)}, ${stats.state}, version ${sanitizeLine(stats.version)}, pid ${stats.pid}`,
      'title',
    ],
    ['health', [health.verdict, ...health.reasons.map(sanitizeLine)].join(', '), verdictLooks[health.verdict].tone],
    ...drainDetails(stats),
    ...(stats.shedding.length > 0 ? [['no newcomers', `too little ${stats.shedding.join(', ')}`, 'bad'] as const] : []),
    [
      'addresses',
      sanitizeLine([...stats.addresses, ...(stats.rpcAddress ? [`rpc ${stats.rpcAddress}`] : [])].join(', ')),
    ],
    ['started', `${formatMoment(stats.startedAt)} (${formatAge(stats.uptimeSeconds)} ago)`],
    ['connections', `${formatExact(stats.connections)}, ${formatExact(stats.pending)} not bound yet`],
    ['by dialect', countsOf(stats.connectionsByDialect)],
    ['by system', countsOf(stats.connectionsBySystem)],
    [
      'users',
      `${formatExact(stats.users)}, groups ${formatExact(stats.groups)}, systems ${formatExact(stats.systems)}`,
    ],
    ['messages in', `${formatExact(stats.messagesInTotal)}, ${formatRate(rates?.in)}/s: ${countsOf(stats.messagesIn)}`],
    ['delivered', `${formatExact(stats.deliveriesTotal)}, ${formatRate(rates?.out)}/s: ${countsOf(stats.deliveries)}`],
    [
      'dropped',
      `${formatExact(stats.droppedTotal)}, ${formatRate(rates?.dropped)}/s: ${countsOf(stats.dropped)}`,
      rates?.dropped ? 'bad' : undefined,
    ],
    ['p50/p99', `flush ${formatPercentiles(latency.flush)}, fan-out ${formatPercentiles(latency.fanout)}`],
    ['queued', `${formatBytes(stats.outboxBytes)}, ${formatExact(stats.slowClients)} slow clients`],
    ['loop lag', `mean ${formatMs(lag.mean)}, p99 ${formatMs(lag.p99)}, max ${formatMs(lag.max)}`],
    ['cpu', `${formatCores(rates?.cpu)} of a core, ${formatAge(stats.cpuSeconds)} since the start`],
    [
      'memory',
      `${formatBytes(memory.rss)}, heap ${formatBytes(memory.heapUsed)} of ${formatBytes(memory.heapTotal)}` +
        (memory.heapLimit > 0 ? `, at most ${formatBytes(memory.heapLimit)}` : ''),
    ],
    ['probe', stats.probeMs === undefined ? 'no answer yet, or it failed' : formatMs(stats.probeMs)],
    ...(stats.cluster ? clusterDetails(stats.cluster) : []),
    ['disconnects', countsOf(stats.disconnects)],
    ['refused', countsOf(stats.refused)],
    ...(countsOf(stats.lostLogLines) === 'none'
      ? []
      : [['log lines lost', countsOf(stats.lostLogLines), 'warn'] as const]),
    ...(stats.pauses.count > 0
      ? [
          [
            'stood still',
            `${formatExact(stats.pauses.count)} times, ${formatAge(stats.pauses.seconds)}`,
            'warn',
          ] as const,
        ]
      : []),
    ...(countsOf({ ...stats.marks }) === 'none'
      ? []
      : [['not told apart', countsOf({ ...stats.marks }), 'warn'] as const]),
  ];
}

function drainDetails({ drain }: NodeStats): readonly Detail[] {
  if (!drain) return [];
  const end = drain.isStaying ? 'stays without clients until it is resumed' : 'stops then';
  return [['drain', `${formatExact(drain.left)} of ${formatExact(drain.clients)} clients left, ${end}`, 'warn']];
}

function clusterDetails({ links, members, died, bus, redis }: ClusterFigures): readonly Detail[] {
  const others = Math.max(0, members - 1);
  return [
    [
      'links',
      `${links.length}/${others}${links.length === 0 ? '' : `: ${sanitizeLine(links.join(', '))}`}` +
        (died > 0 ? `; ${formatExact(died)} died since the start` : ''),
      links.length < others ? 'bad' : undefined,
    ],
    [
      'bus',
      bus.up
        ? `${bus.engine}, up, beat ${formatMs(bus.beatMs)}`
        : `${bus.engine}, down: ${sanitizeLine(bus.failure ?? '')}`,
      bus.up ? undefined : 'bad',
    ],
    ['bus counts', countsOf(bus.figures)],
    ['redis', redis.up ? 'up' : `down: ${sanitizeLine(redis.failure ?? '')}`, redis.up ? undefined : 'bad'],
  ];
}
