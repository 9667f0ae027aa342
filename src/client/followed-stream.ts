import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError } from './client-error.ts';
import type { HttpExchange } from './http-exchange.ts';
import { readServerSentEvents, type ServerSentEvent } from './server-sent-events.ts';

export interface FollowOptions {
  /** What it is called, in messages to people. */
  readonly name: string;
  readonly pathOf: (isFirst: boolean) => string;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Between a loss and the next attempt, doubled up to 5 s while attempts fail. Default 250. */
  readonly retryMs?: number | undefined;
}

export type FollowedItem =
  /** Connected. `attempt` is 0 the first time, and counts the attempts since the last loss afterwards. */
  | { readonly type: 'open'; readonly attempt: number }
  | { readonly type: 'data'; readonly event: ServerSentEvent }
  /** The stream broke and is tried again in `retryInMs`. */
  | { readonly type: 'lost'; readonly error: ClientError; readonly retryInMs: number };

const MAX_RETRY_MS = 5000;

/**
 * Follows a stream of server-sent events and connects again whenever it breaks. Throws `ClientError` where the first connection fails,
 * and later where the node denies or refuses it: trying again would not help.
 */
export async function* followStream(
  exchange: HttpExchange,
  { name, pathOf, signal, retryMs = 250 }: FollowOptions,
): AsyncGenerator<FollowedItem, void, undefined> {
  let attempt = 0;
  let hasBeenOpen = false;
  const isOver = () => signal?.aborted === true;
  while (!isOver()) {
    let error: ClientError;
    try {
      const answer = await exchange.stream({ method: 'GET', path: pathOf(!hasBeenOpen) }, signal);
      try {
        yield { type: 'open', attempt };
        hasBeenOpen = true;
        attempt = 0;
        for await (const event of readServerSentEvents(answer)) yield { type: 'data', event };
      } finally {
        answer.destroy();
      }
      error = new ClientError('unreachable', `${exchange.where} ended the ${name}`);
    } catch (cause) {
      if (isOver()) return;
      error =
        cause instanceof ClientError
          ? cause
          : new ClientError('unreachable', `${exchange.where}: the ${name} broke`, { cause });
      if (!hasBeenOpen || (error.kind !== 'unreachable' && error.kind !== 'timed_out')) throw error;
    }
    attempt++;
    const retryInMs = Math.min(MAX_RETRY_MS, retryMs * 2 ** Math.min(attempt - 1, 10));
    yield { type: 'lost', error, retryInMs };
    await sleep(retryInMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  }
}
