import type { Idempotency, IdempotencyClaims, IdempotentAnswer } from './idempotency.ts';
import { KeptAnswers } from './kept-answers.ts';

export interface IdempotencyOptions {
  /** Of the answers this process keeps. Default 32 MiB. */
  readonly maxBytes?: number;
  /** What all nodes of a cluster share. Absent: nothing. */
  readonly claims?: IdempotencyClaims;
  /** Milliseconds on a clock that is never set back. */
  readonly now?: () => number;
}

const conflict: IdempotentAnswer = { type: 'conflict' };

interface Running {
  readonly bodyHash: string;
  /** Never rejects. */
  readonly over: Promise<unknown>;
}

/** See the contract. What this process has done or is doing is asked first, then what the others have. */
export function createIdempotency({
  maxBytes = 32 * 1024 * 1024,
  claims,
  now = () => performance.now(),
}: IdempotencyOptions = {}): Idempotency {
  const kept = new KeptAnswers({ maxBytes, now });
  const running = new Map<string, Running>();

  async function runHere(id: string, bodyHash: string, what: () => Promise<string>): Promise<IdempotentAnswer> {
    const claim = await claims?.claim(id, bodyHash);
    if (claim?.type === 'conflict') return conflict;
    if (claim?.type === 'done') {
      kept.keep(id, { bodyHash, result: claim.result }, claim.leftMs);
      return { type: 'result', result: claim.result, isReplayed: true };
    }
    let result: string;
    try {
      result = await what();
    } catch (error) {
      await claim?.abandon();
      throw error;
    }
    kept.keep(id, { bodyHash, result });
    await claim?.finish(result);
    return { type: 'result', result, isReplayed: false };
  }

  return {
    async run({ key, system, bodyHash }, what) {
      const id = `${system.length}:${system}${key}`;
      for (;;) {
        const known = kept.get(id);
        if (known !== undefined) {
          if (known.bodyHash !== bodyHash) return conflict;
          return { type: 'result', result: known.result, isReplayed: true };
        }
        const first = running.get(id);
        if (first === undefined) break;
        if (first.bodyHash !== bodyHash) return conflict;
        await first.over;
      }
      const run = runHere(id, bodyHash, what);
      running.set(id, { bodyHash, over: run.catch(() => {}) });
      try {
        return await run;
      } finally {
        running.delete(id);
      }
    },
  };
}
