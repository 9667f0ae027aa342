import type { ErrorCode } from '../../api/errors.ts';
import type { NodeEvent } from '../../api/event.ts';
import type { ListQuery, Page } from '../../api/listing.ts';
import type { SnapshotListKind, SnapshotRows } from '../../api/snapshot.ts';
import type { ClusterStats, NodeStats } from '../../api/stats.ts';
import type { TailCopy } from '../../api/tail.ts';
import type { Rates } from '../../client/rates.ts';
import { type NodeTotals, totalsOfNodes } from '../../client/totals.ts';
import type { Latency } from './latency.ts';
import { emptyLog, type StreamLog } from './log.ts';

/** One point of a series; undefined where nothing was measured. */
export type Point = number | undefined;

/** Rates of the past, oldest first, one point a sample; undefined where there was none. */
export interface History {
  readonly in: readonly Point[];
  readonly out: readonly Point[];
  readonly dropped: readonly Point[];
}

export const emptyHistory: History = { in: [], out: [], dropped: [] };

export function appendHistory(history: History, rates: Rates | undefined, limit: number): History {
  const append = (points: readonly Point[], point: Point) => [...points.slice(1 - limit), point];
  return {
    in: append(history.in, rates?.in),
    out: append(history.out, rates?.out),
    dropped: append(history.dropped, rates?.dropped),
  };
}

export interface NodeSample {
  readonly stats: NodeStats;
  readonly rates: Rates | undefined;
  readonly latency: Latency;
  readonly history: History;
}

/** `failing`: the last question was not answered; what is shown is `ageMs` old. */
export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'failing'; readonly attempts: number; readonly error: Error };

/** The page of a list being watched, and the query it answers. */
export type ListPage = {
  readonly [K in SnapshotListKind]: {
    readonly kind: K;
    readonly query: ListQuery;
    readonly page: Page<SnapshotRows[K]> | undefined;
    /** Why the last question for it failed. */
    readonly error: string | undefined;
    /** Of the error table, where the node refused it. */
    readonly code?: ErrorCode;
  };
}[SnapshotListKind];

/** Everything the screen shows, immutable: a new one for every sample. */
export interface Snapshot {
  /** Samples taken so far, answered or not. */
  readonly samples: number;
  readonly link: Link;
  /** The last answer; undefined before the first. */
  readonly stats: ClusterStats | undefined;
  /** How old `stats` is. */
  readonly ageMs: number;
  readonly nodes: readonly NodeSample[];
  /** Nodes of the past that are not among them: what they did is not forgotten as soon as they are back. */
  readonly absent: readonly { readonly node: string; readonly history: History }[];
  /** Over all nodes. */
  readonly rates: Rates | undefined;
  /** Over all nodes, of the last interval. */
  readonly latency: Latency;
  readonly history: History;
  /** Of the view that is open, where it shows a list of the server; the last one that answered, until the one asked for has. */
  readonly list: ListPage | undefined;
  /** Events, while their view is open. */
  readonly events: StreamLog<NodeEvent>;
  /** Copies of messages, and how many were left out, while they are shown. */
  readonly copies: StreamLog<TailCopy>;
  /** Where a recording stands; undefined: this is the present. */
  readonly recording: { readonly atMs: number; readonly endMs: number; readonly isOver: boolean } | undefined;
}

export const emptySnapshot: Snapshot = {
  samples: 0,
  link: { state: 'connecting' },
  stats: undefined,
  ageMs: 0,
  nodes: [],
  absent: [],
  rates: undefined,
  latency: {},
  history: emptyHistory,
  list: undefined,
  events: emptyLog,
  copies: emptyLog,
  recording: undefined,
};

export interface Totals extends NodeTotals {
  readonly nodes: number;
  readonly nodesExpected: number;
  /** Delivered, of all that had a receiver, over the last minute of samples; undefined where there was no traffic. */
  readonly deliveredShare: number | undefined;
}

const shareSamples = 60;

export function totalsOf(snapshot: Snapshot): Totals {
  const nodes = snapshot.stats?.nodes ?? [];
  const recent = (points: readonly Point[]) =>
    points.slice(-shareSamples).reduce<number>((total, point) => total + (point ?? 0), 0);
  const out = recent(snapshot.history.out);
  const dropped = recent(snapshot.history.dropped);
  return {
    nodes: nodes.length,
    nodesExpected: nodes.length + (snapshot.stats?.missingNodes.length ?? 0),
    ...totalsOfNodes(snapshot.stats ?? { nodes: [], totals: { users: 0, groups: 0 } }),
    deliveredShare: out + dropped > 0 ? out / (out + dropped) : undefined,
  };
}
