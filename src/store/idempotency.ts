/**
 * Pushes that are sent again, because the answer to the first try was lost: the first one's answer is given again, and nothing is pushed
 * twice.
 *
 * Guarantees: of requests with the same system and key, which name the same thing by `bodyHash`, one is done at a time, and once it has
 * succeeded none of them for five minutes. Only what succeeded is kept: who waited for one that failed is done itself. What is kept is
 * bounded in bytes, the oldest goes first. `memory`: of this process. `redis`: of all nodes of a cluster, as long as Redis answers; else
 * of this process. A node that dies between a push and its answer leaves a claim of ten seconds; after it the request is done again.
 */
export interface Idempotency {
  /** Rejects as `what` does. `what` resolves with the answer as text. */
  run(asked: IdempotentRequest, what: () => Promise<string>): Promise<IdempotentAnswer>;
}

export interface IdempotentRequest {
  /** Of the sender's choice; see `checkIdempotencyKey`. Each system has its own. */
  readonly key: string;
  readonly system: string;
  /** Of everything that makes it this request: equal for a retry alone. */
  readonly bodyHash: string;
}

export type IdempotentAnswer =
  | { readonly type: 'result'; readonly result: string; readonly isReplayed: boolean }
  /** The key has come with another request. */
  | { readonly type: 'conflict' };

/** How long an answer is kept, in milliseconds. */
export const keptForMs = 300_000;
