import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeEvent } from '../api/event.ts';
import { ClientError } from './client-error.ts';
import type { HttpExchange } from './http-exchange.ts';
import { withQuery } from './list-path.ts';
import { readServerSentEvents } from './server-sent-events.ts';

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

const MAX_RETRY_MS = 5000;

/**
 * Follows the event stream and connects again whenever it breaks. Throws `ClientError` where the first connection fails,
 * and later where the node denies or refuses it: trying again would not help.
 */
export async function* watchEvents(
  exchange: HttpExchange,
  path: string,
  query: EventQuery,
): AsyncGenerator<EventStreamItem, void, undefined> {
  const lastSeen = new Map<string, number>();
  let attempt = 0;
  let hasBeenOpen = false;
  const isOver = () => query.signal?.aborted === true;
  while (!isOver()) {
    let error: ClientError;
    try {
      // What happened before the loss was seen already; what happened during it is told by `missed`.
      const answer = await exchange.stream(
        { method: 'GET', path: eventsPath(path, query, !hasBeenOpen) },
        query.signal,
      );
      try {
        yield { type: 'open', attempt };
        hasBeenOpen = true;
        attempt = 0;
        for await (const { data } of readServerSentEvents(answer)) {
          const event = JSON.parse(data) as NodeEvent;
          yield { type: 'event', event, missed: countMissed(lastSeen, event, query) };
        }
      } finally {
        answer.destroy();
      }
      error = new ClientError('unreachable', `${exchange.where} ended the event stream`);
    } catch (cause) {
      if (isOver()) return;
      error =
        cause instanceof ClientError
          ? cause
          : new ClientError('unreachable', `${exchange.where}: the event stream broke`, { cause });
      if (!hasBeenOpen || (error.kind !== 'unreachable' && error.kind !== 'timed_out')) throw error;
    }
    attempt++;
    const retryInMs = Math.min(MAX_RETRY_MS, (query.retryMs ?? 250) * 2 ** Math.min(attempt - 1, 10));
    yield { type: 'lost', error, retryInMs };
    await sleep(retryInMs, undefined, query.signal === undefined ? {} : { signal: query.signal }).catch(() => {});
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
