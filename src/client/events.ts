import type { NodeEvent } from '../api/event.ts';
import { answeredText } from './answered.ts';
import type { ClientError } from './client-error.ts';
import { followStream } from './followed-stream.ts';
import type { HttpExchange } from './http-exchange.ts';
import { withQuery } from './list-path.ts';

export interface EventQuery {
  readonly system?: string | undefined;
  /** Only these types of `NodeEvent`; absent: all. */
  readonly types?: readonly NodeEvent['type'][] | undefined;
  /** How many past events to begin with. */
  readonly backlog?: number | undefined;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Between a loss and the next attempt, doubled up to 5 s while attempts fail. Default 250. */
  readonly retryMs?: number | undefined;
}

export type EventStreamItem =
  /** Connected. `attempt` is 0 the first time, and counts the attempts since the last loss afterwards. */
  | { readonly type: 'open'; readonly attempt: number }
  /** `missed`: events of that node this stream lost before this one, as its sequence tells. */
  | { readonly type: 'event'; readonly event: NodeEvent; readonly missed: number }
  /** The stream broke and is tried again in `retryInMs`. */
  | { readonly type: 'lost'; readonly error: ClientError; readonly retryInMs: number };

/** The event stream. Connects again, and throws, as `followStream`. */
export async function* watchEvents(
  exchange: HttpExchange,
  path: string,
  query: EventQuery,
): AsyncGenerator<EventStreamItem, void, undefined> {
  const lastSeen = new Map<string, number>();
  const { signal, retryMs } = query;
  // What happened before the loss was seen already; what happened during it is told by `missed`.
  const pathOf = (isFirst: boolean) => eventsPath(path, query, isFirst);
  for await (const said of followStream(exchange, { name: 'event stream', pathOf, signal, retryMs })) {
    if (said.type !== 'data') {
      yield said;
      continue;
    }
    const event = answeredText<NodeEvent>(said.event.data, exchange.where);
    yield { type: 'event', event, missed: countMissed(lastSeen, event, query) };
  }
}

function eventsPath(path: string, { system, types, backlog }: EventQuery, isFirst: boolean): string {
  return withQuery(path, { system, type: types?.join(','), backlog: isFirst ? backlog : undefined });
}

/** A filtered stream jumps by itself; there nothing can be told. A sequence that fell back is a node that started anew. */
function countMissed(lastSeen: Map<string, number>, { node, sequence }: NodeEvent, query: EventQuery): number {
  const last = lastSeen.get(node);
  lastSeen.set(node, sequence);
  if (query.system !== undefined || query.types !== undefined) return 0;
  return last === undefined || sequence <= last ? 0 : sequence - last - 1;
}
