import type { TailItem, TailQuery } from '../api/tail.ts';
import { answeredText } from './answered.ts';
import type { ClientError } from './client-error.ts';
import { followStream } from './followed-stream.ts';
import type { HttpExchange } from './http-exchange.ts';
import { withQuery } from './list-path.ts';

export interface TailRequest extends TailQuery {
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Between a loss and the next attempt, doubled up to 5 s while attempts fail. Default 250. */
  readonly retryMs?: number | undefined;
}

export type TailStreamItem =
  /** Connected. `attempt` is 0 the first time, and counts the attempts since the last loss afterwards. */
  | { readonly type: 'open'; readonly attempt: number }
  | { readonly type: 'item'; readonly item: TailItem }
  /** The stream broke and is tried again in `retryInMs`; what passes meanwhile is not copied. */
  | { readonly type: 'lost'; readonly error: ClientError; readonly retryInMs: number };

/** Copies of the traffic, as they are made. Connects again, and throws, as `followStream`. */
export async function* watchTail(
  exchange: HttpExchange,
  path: string,
  { signal, retryMs, redact, ...query }: TailRequest,
): AsyncGenerator<TailStreamItem, void, undefined> {
  const whole = withQuery(path, { ...query, redact: redact === true ? true : undefined });
  for await (const said of followStream(exchange, { name: 'tail', pathOf: () => whole, signal, retryMs })) {
    if (said.type === 'data') yield { type: 'item', item: answeredText<TailItem>(said.event.data, exchange.where) };
    else yield said;
  }
}
