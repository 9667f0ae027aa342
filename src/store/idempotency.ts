import { YunqueError } from '../api/errors.ts';

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

/** What the nodes of a cluster share of it. */
export interface IdempotencyClaims {
  /**
   * Waits while another node does the same. Never rejects: where the others cannot be asked, what is done here is known here alone.
   */
  claim(id: string, bodyHash: string): Promise<IdempotencyClaim>;
}

export type IdempotencyClaim =
  | {
      /** It is to be done here. Then one of the two is called once; neither rejects. */
      readonly type: 'mine';
      finish(result: string): Promise<void>;
      abandon(): Promise<void>;
    }
  | { readonly type: 'done'; readonly result: string; readonly leftMs: number }
  | { readonly type: 'conflict' };

/** How long an answer is kept, in milliseconds. */
export const keptForMs = 300_000;

const longestKeyBytes = 255;

/** Throws `bad_request` for a key that is empty, longer than 255 bytes or has control characters. */
export function checkIdempotencyKey(key: string): void {
  const wrong = (message: string) =>
    new YunqueError('bad_request', `the idempotency key ${message}`, {
      field: 'Idempotency-Key',
      hint: 'such as a UUID, another one for every request',
    });
  if (key === '') throw wrong('is empty');
  if (Buffer.byteLength(key) > longestKeyBytes) throw wrong(`is longer than ${longestKeyBytes} bytes`);
  if (/\p{Cc}/u.test(key)) throw wrong('has control characters');
}
