import type { Rates } from '../../client/rates.ts';
import { sanitizeLine } from '../../util/control-characters.ts';
import { nodeRows } from '../columns/rows.ts';
import { type Snapshot, type Totals, totalsOf } from '../feed/snapshot.ts';
import { emptyList, type View } from '../state/view-state.ts';

/** The snapshot for programs, without its schema's name. Rates are null where there are none. */
export interface SnapshotRecord {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly health: { readonly verdict: string; readonly reasons: readonly string[] };
  readonly totals: Totals;
  readonly ratesPerSecond: Rates | null;
  readonly missingNodes: readonly string[];
  readonly nodes: readonly object[];
  /** Of the view that was asked for. */
  readonly clients?: readonly object[];
  readonly groups?: readonly object[];
  readonly systems?: readonly object[];
  readonly events?: readonly object[];
  readonly messages?: readonly object[];
}

export function snapshotRecord(
  snapshot: Snapshot,
  options: { readonly view: View; readonly filter: string },
): SnapshotRecord {
  const { stats, rates, list } = snapshot;
  const rows = nodeRows(snapshot, { ...emptyList, filter: options.view === 'nodes' ? options.filter : '' }, []);
  return {
    time: stats?.time ?? 0,
    health: stats?.health ?? { verdict: 'critical', reasons: ['no answer'] },
    totals: totalsOf(snapshot),
    ratesPerSecond: rates ?? null,
    missingNodes: stats?.missingNodes ?? [],
    nodes: rows.flatMap((row) =>
      row.kind === 'answered' ? [{ ...row.sample.stats, ratesPerSecond: row.sample.rates ?? null }] : [],
    ),
    ...streamsOf(snapshot, options.view),
    ...(list?.page && { [list.kind === 'connections' ? 'clients' : list.kind]: list.page.items }),
  };
}

/** Of their views only, the oldest first. */
function streamsOf({ events, copies }: Snapshot, view: View): Pick<SnapshotRecord, 'events' | 'messages'> {
  if (view === 'events') return { events: events.entries.map(({ item }) => item) };
  return view === 'messages' ? { messages: copies.entries.map(({ item }) => item) } : {};
}

/** One flat row a node, for csv and plain. */
export interface NodeRecord {
  readonly node: string;
  readonly state: string;
  readonly verdict: string;
  readonly uptimeSeconds: number;
  readonly connections: number;
  readonly pending: number;
  readonly users: number;
  readonly groups: number;
  /** Empty where there is no rate. */
  readonly inPerSecond: number | '';
  readonly outPerSecond: number | '';
  readonly droppedPerSecond: number | '';
  readonly lagP99Ms: number;
  readonly rssBytes: number;
  readonly cpuCores: number | '';
  readonly outboxBytes: number;
  readonly slowClients: number;
}

export const nodeRecordFields = [
  'node',
  'state',
  'verdict',
  'uptimeSeconds',
  'connections',
  'pending',
  'users',
  'groups',
  'inPerSecond',
  'outPerSecond',
  'droppedPerSecond',
  'lagP99Ms',
  'rssBytes',
  'cpuCores',
  'outboxBytes',
  'slowClients',
] as const satisfies readonly (keyof NodeRecord)[];

export function nodeRecords(snapshot: Snapshot, filter: string): readonly NodeRecord[] {
  return nodeRows(snapshot, { ...emptyList, filter }, []).flatMap((row) => {
    if (row.kind === 'missing') return [];
    const { stats, rates } = row.sample;
    return {
      node: sanitizeLine(stats.node),
      state: stats.state,
      verdict: stats.health.verdict,
      uptimeSeconds: Math.round(stats.uptimeSeconds),
      connections: stats.connections,
      pending: stats.pending,
      users: stats.users,
      groups: stats.groups,
      inPerSecond: rounded(rates?.in),
      outPerSecond: rounded(rates?.out),
      droppedPerSecond: rounded(rates?.dropped),
      lagP99Ms: stats.eventLoopLagMs.p99,
      rssBytes: stats.memory.rss,
      cpuCores: rounded(rates?.cpu),
      outboxBytes: stats.outboxBytes,
      slowClients: stats.slowClients,
    };
  });
}

function rounded(rate: number | undefined): number | '' {
  return rate === undefined ? '' : Math.round(rate * 1000) / 1000;
}
