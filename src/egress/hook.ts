import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, NoAnswer } from '../backends/bounded-http.ts';
import { createSignedHttp, type SignedHttpOptions } from '../backends/signed-http.ts';
import { type BackOffOptions, backOffMs } from '../util/back-off.ts';
import { createSlots } from '../util/slots.ts';
import { Breaker, type BreakerOptions, usualBreaker } from './breaker.ts';
import type { SinkStatus } from './sink.ts';

export interface HookOptions extends SignedHttpOptions {
  /** For all of it: waiting for a turn, every try, and the pauses between them. */
  readonly timeoutMs: number;
  /** Tries after the first; 2 unless said. */
  readonly retries?: number | undefined;
  /** Questions under way at one time; 64 unless said. */
  readonly concurrency?: number | undefined;
  /** Questions that wait for their turn; 1024 unless said. */
  readonly waiting?: number | undefined;
  readonly breaker?: Partial<BreakerOptions>;
  readonly pause?: BackOffOptions;
}

/**
 * - `busy`: too many wait for their turn.
 * - `open`: it does not answer lately, and is left alone for a while.
 * - `down`: no try came to an answer.
 * - `late`: no answer in time.
 * - `broken`: an answer that cannot be used.
 * - `closed`: by us.
 */
export type NoHookAnswerKind = 'busy' | 'open' | 'down' | 'late' | 'broken' | 'closed';

/** `reason` is for the operator. */
export type HookAnswer =
  | { readonly is: 'answer'; readonly status: number; readonly text: string }
  | { readonly is: NoHookAnswerKind; readonly reason: string };

export interface HookFigures {
  /** Questions that were answered, whatever the answer said. */
  readonly answered: number;
  readonly failed: number;
  /** Not asked, as the breaker was open or too many waited. */
  readonly refused: number;
  /** Now. */
  readonly waiting: number;
  readonly retries: number;
  /** How often the breaker opened. */
  readonly opened: number;
}

/** Asks the operator's own service. */
export interface Hook {
  /** Never rejects. `id` goes with every try, so that the other side can tell a repetition. */
  ask(id: string, body: string): Promise<HookAnswer>;
  /** `failing` while its breaker is not closed. */
  readonly status: SinkStatus;
  readonly figures: HookFigures;
  onState(listener: () => void): void;
  close(): Promise<void>;
}

/** What a proxy says of a backend that is not there, or a backend of itself. */
const unavailable: readonly number[] = [502, 503, 504];

/**
 * Posts questions, signed, to one fixed URL. Asked again, after a growing pause, is only what may be repeated: a question that nothing at all was
 * answered to, or 502, 503, 504. That, and an answer that does not come in time, are what the breaker counts; an answer of the service itself, whatever
 * it says, is none of these, so that no client's bad question shuts out all others.
 */
export function createHook(options: HookOptions): Hook {
  const { timeoutMs, retries = 2, concurrency = 64, waiting = 1024 } = options;
  const pauses = options.pause ?? { firstMs: 100, mostMs: 1000 };
  const http = createSignedHttp(options);
  const slots = createSlots({ atOnce: concurrency, waiting });
  const underWay = new Set<AbortController>();
  const listeners = new Set<() => void>();
  const counts = { answered: 0, failed: 0, refused: 0, retries: 0 };
  let lastFailure = '';
  let isClosed = false;
  const tellAll = (): void => {
    for (const listener of listeners) listener();
  };
  const breaker = new Breaker({ ...usualBreaker, ...options.breaker, onState: tellAll });

  /** One try, as the breaker hears of it; undefined: it is open. */
  async function tryOnce(id: string, body: string, signal: AbortSignal): Promise<Answer | NoAnswer | undefined> {
    const ticket = breaker.begin();
    if (ticket === undefined) return undefined;
    try {
      const answer = await http.post(body, signal, id);
      const isDown = unavailable.includes(answer.status);
      if (isDown) lastFailure = `it answered ${answer.status}`;
      breaker.end(ticket, isDown ? 'failure' : 'success');
      return answer;
    } catch (error) {
      if (!(error instanceof NoAnswer)) {
        breaker.end(ticket, 'neither');
        throw error;
      }
      lastFailure = error.message;
      breaker.end(ticket, isClosed ? 'neither' : error.is === 'too_long' ? 'success' : 'failure');
      return error;
    }
  }

  async function askInTurn(id: string, body: string, signal: AbortSignal): Promise<HookAnswer> {
    for (let tries = 0; ; tries++) {
      const answer = await tryOnce(id, body, signal);
      // One that was asked and failed has more to say than the breaker it opened.
      if (answer === undefined) return { is: tries === 0 ? 'open' : 'down', reason: lastFailure };
      if (tries >= retries || !mayRepeat(answer)) return asHookAnswer(answer);
      counts.retries += 1;
      try {
        await sleep(backOffMs(tries, pauses), undefined, { signal });
      } catch {
        return { is: 'down', reason: lastFailure };
      }
    }
  }

  async function ask(id: string, body: string): Promise<HookAnswer> {
    if (isClosed) return { is: 'closed', reason: 'closed' };
    if (breaker.isShut) return { is: 'open', reason: lastFailure };
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), timeoutMs);
    underWay.add(end);
    try {
      if (!(await slots.enter(end.signal))) {
        return { is: 'busy', reason: `${concurrency} questions wait for their answers already` };
      }
      try {
        return await askInTurn(id, body, end.signal);
      } finally {
        slots.leave();
      }
    } finally {
      clearTimeout(timer);
      underWay.delete(end);
    }
  }

  return {
    async ask(id, body) {
      let answer: HookAnswer;
      try {
        answer = await ask(id, body);
      } catch (error) {
        answer = { is: 'broken', reason: (error as Error).message };
      }
      if (isClosed && answer.is !== 'answer') answer = { is: 'closed', reason: 'closed before it answered' };
      if (answer.is === 'answer') counts.answered += 1;
      else if (answer.is === 'busy' || answer.is === 'open') counts.refused += 1;
      else counts.failed += 1;
      return answer;
    },
    get status(): SinkStatus {
      if (isClosed) return { state: 'closed', failure: 'closed' };
      return breaker.state === 'closed'
        ? { state: 'ready', failure: undefined }
        : { state: 'failing', failure: lastFailure };
    },
    get figures() {
      return { ...counts, waiting: underWay.size, opened: breaker.opened };
    },
    onState: (listener) => void listeners.add(listener),
    async close() {
      if (isClosed) return;
      isClosed = true;
      for (const end of underWay) end.abort();
      http.close();
      tellAll();
    },
  };
}

function mayRepeat(answer: Answer | NoAnswer): boolean {
  return answer instanceof NoAnswer ? answer.is === 'none' : unavailable.includes(answer.status);
}

function asHookAnswer(answer: Answer | NoAnswer): HookAnswer {
  if (answer instanceof NoAnswer) {
    const is = answer.is === 'none' ? 'down' : answer.is === 'late' ? 'late' : 'broken';
    return { is, reason: answer.message };
  }
  const { status, text } = answer;
  return unavailable.includes(status)
    ? { is: 'down', reason: `it answered ${status}` }
    : { is: 'answer', status, text };
}
