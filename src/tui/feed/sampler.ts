import type { ListQuery } from '../../api/listing.ts';
import type { SnapshotList, SnapshotListKind } from '../../api/snapshot.ts';
import type { ClusterStats } from '../../api/stats.ts';
import { ratesBetween, type SampleTime, secondsBetween, sumRates } from '../../client/rates.ts';
import { latencyOf } from './latency.ts';
import { appendHistory, emptyHistory, type ListPage, type NodeSample, type Snapshot } from './snapshot.ts';

/** A list that was asked for. */
export interface AskedList {
  readonly kind: SnapshotListKind;
  readonly query: ListQuery;
}

/** The snapshot after an answer. `before`: when the one before was taken; `limit`: points of history kept. */
export function afterAnswer(
  snapshot: Snapshot,
  stats: ClusterStats,
  times: { readonly before: SampleTime | undefined; readonly now: SampleTime; readonly limit: number },
): Snapshot {
  const seconds = times.before ? secondsBetween(times.before, times.now) : 0;
  const before = new Map(snapshot.nodes.map((sample) => [sample.stats.node, sample]));
  const past = new Map(snapshot.absent.map(({ node, history }) => [node, history]));
  const earlier = snapshot.stats?.nodes ?? [];
  const nodes = stats.nodes.map((node): NodeSample => {
    const previous = before.get(node.node);
    const rates = ratesBetween(previous?.stats, node, seconds);
    return {
      stats: node,
      rates,
      latency: latencyOf([node], earlier),
      history: appendHistory(previous?.history ?? past.get(node.node) ?? emptyHistory, rates, times.limit),
    };
  });
  const rates = sumRates(nodes.map((node) => node.rates));
  const isFirst = snapshot.stats === undefined;
  return {
    ...snapshot,
    samples: snapshot.samples + 1,
    link: { state: 'live' },
    stats,
    ageMs: 0,
    nodes,
    absent: absentAfter(snapshot, new Set(stats.nodes.map(({ node }) => node)), times.limit),
    rates,
    latency: latencyOf(stats.nodes, earlier),
    history: isFirst ? snapshot.history : appendHistory(snapshot.history, rates, times.limit),
  };
}

/** The snapshot after a question without an answer: a gap. */
export function afterFailure(snapshot: Snapshot, error: Error, ageMs: number, limit: number): Snapshot {
  const { link, nodes, history } = snapshot;
  return {
    ...snapshot,
    samples: snapshot.samples + 1,
    link: { state: 'failing', attempts: link.state === 'failing' ? link.attempts + 1 : 1, error },
    ageMs,
    nodes: nodes.map((node) => ({
      ...node,
      rates: undefined,
      latency: {},
      history: appendHistory(node.history, undefined, limit),
    })),
    absent: absentAfter(snapshot, new Set(nodes.map(({ stats }) => stats.node)), limit),
    rates: undefined,
    latency: {},
    history: appendHistory(history, undefined, limit),
  };
}

/** Nodes that were there and are not, as long as there is something in their past. */
function absentAfter({ nodes, absent }: Snapshot, present: ReadonlySet<string>, limit: number): Snapshot['absent'] {
  return [...absent, ...nodes.map(({ stats, history }) => ({ node: stats.node, history }))]
    .filter(({ node }) => !present.has(node))
    .map(({ node, history }) => ({ node, history: appendHistory(history, undefined, limit) }))
    .filter(({ history }) => history.out.some((point) => point !== undefined));
}

/** The page of an answer, or why there is none: then the page before stays. */
export function listAfter(
  before: ListPage | undefined,
  { kind, query }: AskedList,
  answer: SnapshotList | Error | undefined,
): ListPage {
  if (answer && 'page' in answer && answer.kind === kind) return { ...answer, query, error: undefined };
  const kept = before?.kind === kind && before.query === query ? before.page : undefined;
  const error =
    answer instanceof Error
      ? wordsOf(answer)
      : answer && 'error' in answer
        ? wordsOf(answer.error)
        : 'the node answers no such list; is it of an older version?';
  const code = answer && 'error' in answer ? { code: answer.error.code } : {};
  return { kind, query, page: kept, error, ...code } as ListPage;
}

/** A refusal's hint is what the operator needs: which fields there are. */
export function wordsOf({ message, hint }: { readonly message: string; readonly hint?: string | undefined }): string {
  return hint === undefined ? message : `${message}; ${hint}`;
}
