import type { ClusterStats, Health, NodeStats } from '../../api/stats.ts';
import { isLike, isListOf, isNumber, isOneOf, isText, isTime } from '../../util/shape.ts';
import type { FigureName, Thresholds } from './thresholds.ts';

/** The exit codes of monitoring plugins (the Nagios plugin guidelines), which are not those of the other commands. */
export const checkCodes = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const;
export type CheckStatus = keyof typeof checkCodes;

export type Figures = Readonly<Partial<Record<FigureName, number>>>;

export interface Problem {
  readonly level: Exclude<CheckStatus, 'ok'>;
  readonly text: string;
}

export interface Outcome {
  readonly status: CheckStatus;
  readonly problems: readonly Problem[];
  readonly figures: Figures;
  /** Deliveries that were dropped since the nodes started, over all that answered. */
  readonly droppedTotal?: number;
  readonly thresholds: Thresholds;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

const rising = ['ok', 'unknown', 'warning', 'critical'] as const satisfies readonly CheckStatus[];

export function statusOf(problems: readonly Problem[]): CheckStatus {
  const worst = Math.max(0, ...problems.map(({ level }) => rising.indexOf(level)));
  return rising[worst] ?? 'unknown';
}

type Summed = 'node' | 'startedAt' | 'connections' | 'droppedTotal' | 'slowClients' | 'eventLoopLagMs' | 'memory';

/** What figures are made of: whatever else a server answers would stand among them as it is. */
export const statsToSumUp = isLike({
  time: isTime,
  nodes: isListOf(
    isLike<Pick<NodeStats, Summed>>({
      node: isText,
      startedAt: isTime,
      connections: isNumber,
      droppedTotal: isNumber,
      slowClients: isNumber,
      eventLoopLagMs: isLike({ p99: isNumber }),
      memory: isLike({ heapUsed: isNumber, heapLimit: isNumber }),
    }),
  ),
  missingNodes: isListOf(isText),
  health: isLike<Health>({ verdict: isOneOf('ok', 'degraded', 'critical'), reasons: isListOf(isText) }),
});

/** Of two samples; the rate of drops is of those nodes that ran through both. */
export function figuresOf(before: ClusterStats, after: ClusterStats): Figures {
  const { nodes, missingNodes } = after;
  const seconds = (after.time - before.time) / 1000;
  const dropped = nodes.reduce((sum, { node, startedAt, droppedTotal }) => {
    const earlier = before.nodes.find((each) => each.node === node && each.startedAt === startedAt);
    return sum + (earlier === undefined ? 0 : Math.max(0, droppedTotal - earlier.droppedTotal));
  }, 0);
  return {
    lag: rounded(Math.max(0, ...nodes.map(({ eventLoopLagMs }) => eventLoopLagMs.p99))),
    connections: sumOf(nodes.map(({ connections }) => connections)),
    nodes: nodes.length,
    missing: missingNodes.length,
    ...(seconds > 0 && { drops: rounded(dropped / seconds) }),
    slow: sumOf(nodes.map(({ slowClients }) => slowClients)),
    heap: rounded(Math.max(0, ...nodes.map(({ memory }) => (100 * memory.heapUsed) / Math.max(1, memory.heapLimit)))),
  };
}

/** What the cluster says of itself. */
export function problemsOf({ health }: ClusterStats): readonly Problem[] {
  if (health.verdict === 'ok') return [];
  const level = health.verdict === 'critical' ? 'critical' : 'warning';
  return health.reasons.map((text) => ({ level, text }));
}

export function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function rounded(figure: number): number {
  return Math.round(figure * 10) / 10;
}
