import type { ClusterStats, Health, NodeStats } from '../../api/stats.ts';
import { durationsOf, percentileOf } from '../../client/durations.ts';
import { formatAge, formatBytes, formatCount, formatExact, formatMs, unknown } from '../../util/figures.ts';
import type { Column } from '../output/table.ts';

type Line = readonly [string, string];

/** A snapshot for people: the verdict, then of each node what it counts. */
export function snapshotLines({ health, nodes, totals, missingNodes }: ClusterStats): Line[] {
  const lines: Line[] = [['health', healthText(health)]];
  if (missingNodes.length > 0) lines.push(['no answer', missingNodes.join(' ')]);
  const [only] = nodes;
  if (only !== undefined && nodes.length + missingNodes.length === 1) lines.push(...nodeLines(only));
  else
    lines.push(['users', formatExact(totals.users)], ['groups', formatExact(totals.groups)], ...durationLines(nodes));
  return lines;
}

/** The verdict, and the reasons one after the other: many have a colon of their own. */
export function healthText({ verdict, reasons }: Health): string {
  return reasons.length === 0 ? verdict : `${verdict}: ${reasons.join('; ')}`;
}

/** Since the start, over all of these nodes. */
function durationLines(nodes: readonly NodeStats[]): Line[] {
  return (['flush', 'fanout'] as const).map((kind) => {
    const durations = durationsOf(kind, nodes);
    if (durations === undefined) return [kind, unknown];
    const ms = (q: number) => formatMs((percentileOf(durations, q) ?? 0) * 1000);
    return [kind, `p50 ${ms(0.5)}, p99 ${ms(0.99)}, ${formatExact(durations.count)} since the start`];
  });
}

/** One node for people. */
export function nodeLines(node: NodeStats): Line[] {
  return [
    [
      'node',
      `${node.node}, ${stateOf(node)}, up ${formatAge(node.uptimeSeconds)}, pid ${node.pid}, version ${node.version}`,
    ],
    ['addresses', node.addresses.join(' ')],
    ...(node.rpcAddress === undefined ? [] : [['rpc', node.rpcAddress] as const]),
    [
      'connections',
      `${formatExact(node.connections)}${counts(node.connectionsByDialect)}, ${formatExact(node.pending)} not bound yet`,
    ],
    ['by system', parts(node.connectionsBySystem)],
    ['users', formatExact(node.users)],
    ['groups', formatExact(node.groups)],
    ['systems', formatExact(node.systems)],
    ['messages in', `${formatExact(node.messagesInTotal)}${counts(node.messagesIn)}`],
    ['deliveries', `${formatExact(node.deliveriesTotal)}${counts(node.deliveries)}`],
    ['dropped', `${formatExact(node.droppedTotal)}${counts(node.dropped)}`],
    ['disconnects', parts(node.disconnects)],
    ['refused', parts(node.refused)],
    ['ignored', `${formatExact(node.ignoredFrames)} frames`],
    ['queued', `${formatBytes(node.outboxBytes)}, ${formatExact(node.slowClients)} slow clients`],
    ...durationLines([node]),
    [
      'loop lag',
      `mean ${formatMs(node.eventLoopLagMs.mean)}, p99 ${formatMs(node.eventLoopLagMs.p99)}, max ${formatMs(node.eventLoopLagMs.max)}`,
    ],
    [
      'memory',
      `${formatBytes(node.memory.rss)} resident, heap ${formatBytes(node.memory.heapUsed)} of at most ${formatBytes(node.memory.heapLimit)}`,
    ],
    ['pauses', `${formatExact(node.pauses.count)}, ${node.pauses.seconds.toFixed(1)} s in all`],
    ['cpu', `${node.cpuSeconds.toFixed(1)} s`],
    ...(nonZero(node.lostLogLines) === '' ? [] : [['log lines lost', nonZero(node.lostLogLines)] as const]),
    ['probe', node.probeMs === undefined ? 'none yet' : formatMs(node.probeMs)],
  ];
}

function stateOf({ state, drain }: NodeStats): string {
  return drain === undefined ? state : `${state} (${formatExact(drain.left)} of ${formatExact(drain.clients)} left)`;
}

/** ` (json 3, cim 1)`, without what is zero. */
function counts(values: Readonly<Record<string, number>>): string {
  const text = nonZero(values);
  return text === '' ? '' : ` (${text})`;
}

function parts(values: Readonly<Record<string, number>>): string {
  return nonZero(values) || '0';
}

function nonZero(values: Readonly<Record<string, number>>): string {
  const filled = Object.entries(values).filter(([, count]) => count > 0);
  return filled.map(([name, count]) => `${name} ${formatExact(count)}`).join(', ');
}

/** A node that does not answer; nothing else is known of it. */
interface DownNode extends Partial<Record<keyof NodeStats, unknown>> {
  readonly node: string;
  readonly state: 'down';
}

export type NodeRow = NodeStats | DownNode;

/** By name, also those that do not answer. */
export function nodeRowsOf({ nodes, missingNodes }: ClusterStats): NodeRow[] {
  const down = missingNodes.map((node): DownNode => ({ node, state: 'down' }));
  return [...nodes, ...down].sort((a, b) => (a.node < b.node ? -1 : 1));
}

const columns: readonly Column<NodeStats>[] = [
  { header: 'NODE', cell: ({ node }) => node },
  { header: 'STATE', cell: ({ state, health }) => (health.verdict === 'ok' ? state : `${state} ${health.verdict}`) },
  { header: 'UP', cell: ({ uptimeSeconds }) => formatAge(uptimeSeconds), align: 'right', priority: 2 },
  { header: 'CONNS', cell: ({ connections }) => formatCount(connections), align: 'right' },
  { header: 'USERS', cell: ({ users }) => formatCount(users), align: 'right', priority: 4 },
  { header: 'GROUPS', cell: ({ groups }) => formatCount(groups), align: 'right', priority: 6 },
  { header: 'IN', cell: ({ messagesInTotal }) => formatCount(messagesInTotal), align: 'right', priority: 5 },
  { header: 'OUT', cell: ({ deliveriesTotal }) => formatCount(deliveriesTotal), align: 'right', priority: 5 },
  { header: 'DROPPED', cell: ({ droppedTotal }) => formatCount(droppedTotal), align: 'right', priority: 3 },
  { header: 'QUEUED', cell: ({ outboxBytes }) => formatBytes(outboxBytes), align: 'right', priority: 7 },
  { header: 'LAG', cell: ({ eventLoopLagMs }) => formatMs(eventLoopLagMs.p99), align: 'right', priority: 1 },
  { header: 'RSS', cell: ({ memory }) => formatBytes(memory.rss), align: 'right', priority: 8 },
  { header: 'VERSION', cell: ({ version }) => version, priority: 9 },
];

/** One row a node, where there are several. */
export const nodeColumns = columns.map(ofAnswered);

/** A column of nodes that answered, for those that did not as well. */
export function ofAnswered(column: Omit<Column<NodeStats>, 'isTelling'>): Column<NodeRow> {
  const cellOfDown = ({ node, state }: DownNode) => ({ NODE: node, STATE: state })[column.header] ?? '-';
  return { ...column, cell: (row) => (row.state === 'down' ? cellOfDown(row) : column.cell(row)) };
}

/** Of csv and plain: one row a node, plain numbers. */
export const nodeFields = [
  'node',
  'state',
  'startedAt',
  'uptimeSeconds',
  'connections',
  'pending',
  'users',
  'groups',
  'systems',
  'messagesInTotal',
  'deliveriesTotal',
  'droppedTotal',
  'ignoredFrames',
  'outboxBytes',
  'slowClients',
  'cpuSeconds',
] as const satisfies readonly (keyof NodeStats)[];
