import { randomUUID } from 'node:crypto';
import { createIdempotency } from '../../store/create-idempotency.ts';
import { type IdempotencyClaim, type IdempotencyClaims, keptForMs } from '../../store/idempotency.ts';
import type { SupervisorCalls } from './calls.ts';
import type { Channel } from './channel.ts';

/** What a worker is told of a request that came with a key: to do it under this token, or how another did it. */
export type ClaimAnswer =
  | { readonly type: 'mine'; readonly token: string }
  | { readonly type: 'done'; readonly result: string }
  | { readonly type: 'conflict' };

export interface ClaimEnd {
  readonly token: string;
  /** Absent: it came to nothing. */
  readonly result?: string | undefined;
}

interface Claimed {
  finish(result: string): void;
  abandon(): void;
}

/** A worker that died says nothing of what it had begun. */
const claimMs = 10_000;

/** The supervisor's side: of requests with the same key one is done at a time, by whichever worker. */
export class SharedClaims {
  readonly #kept = createIdempotency();
  readonly #open = new Map<string, Claimed>();

  claim(id: string, bodyHash: string): Promise<ClaimAnswer> {
    return new Promise((answer) => {
      const done = this.#kept.run({ key: id, system: '', bodyHash }, () => {
        const token = randomUUID();
        const { promise, resolve, reject } = Promise.withResolvers<string>();
        const abandon = () => reject(new Error('it came to nothing'));
        const timer = setTimeout(abandon, claimMs).unref();
        this.#open.set(token, { finish: resolve, abandon });
        answer({ type: 'mine', token });
        return promise.finally(() => {
          clearTimeout(timer);
          this.#open.delete(token);
        });
      });
      done.then(
        (known) => answer(known.type === 'conflict' ? known : { type: 'done', result: known.result }),
        // Whoever was to do it has the answer above, and knows.
        () => {},
      );
    });
  }

  end({ token, result }: ClaimEnd): void {
    const claimed = this.#open.get(token);
    if (result === undefined) claimed?.abandon();
    else claimed?.finish(result);
  }
}

interface ClaimLine {
  claim(id: string, bodyHash: string): Promise<ClaimAnswer>;
  end(end: ClaimEnd): void;
}

/** The same, as doors ask it. Where the supervisor cannot be asked, what is done is known to the asking process alone. */
export function claimsOver(line: ClaimLine): IdempotencyClaims {
  return {
    async claim(id, bodyHash): Promise<IdempotencyClaim> {
      const answer = await line.claim(id, bodyHash).catch(() => undefined);
      if (answer?.type === 'done') return { ...answer, leftMs: keptForMs };
      if (answer?.type === 'conflict') return answer;
      const end = async (result?: string) => {
        if (answer !== undefined) line.end({ token: answer.token, result });
      };
      return { type: 'mine', finish: end, abandon: () => end() };
    },
  };
}

/** From a worker to its supervisor. */
export function lineTo(channel: Pick<Channel<SupervisorCalls>, 'ask' | 'tell'>): ClaimLine {
  return {
    claim: (id, bodyHash) => channel.ask('claimPush', { id, bodyHash }),
    end: (end) => channel.tell('endPush', end),
  };
}
