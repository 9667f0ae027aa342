import { backOffMs } from '../util/back-off.ts';

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly inARow: number;
  /** Or so many of 100 tries of the last while, where there were `leastTries`. */
  readonly percent: number;
  readonly leastTries: number;
  readonly windowMs: number;
  /** How long it stays open: doubled each time it opens again without having been closed. */
  readonly firstOpenMs: number;
  readonly mostOpenMs: number;
  readonly onState?: (state: BreakerState) => void;
  /** Milliseconds on a clock that is never set back. */
  readonly now?: () => number;
  readonly random?: () => number;
}

/** `half-open`: one try is under way that decides. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** A try that was allowed, to be reported once; what belongs to an earlier state of the breaker is not counted. */
export type Ticket = number;

export const usualBreaker = {
  inARow: 5,
  percent: 50,
  leastTries: 20,
  windowMs: 10_000,
  firstOpenMs: 1000,
  mostOpenMs: 30_000,
} as const satisfies BreakerOptions;

/** Keeps questions from one who does not answer them, and tries from time to time whether that is over. */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #now: () => number;
  #state: BreakerState = 'closed';
  #epoch: Ticket = 1;
  #inARow = 0;
  #tries = 0;
  #failures = 0;
  #windowEndsAt = 0;
  #openUntil = 0;
  #openings = 0;
  /** How often it opened, those after a failed try included. */
  opened = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** A try would not be allowed now. */
  get isShut(): boolean {
    return this.#state === 'half-open' || (this.#state === 'open' && this.#now() < this.#openUntil);
  }

  /** Undefined: not now. */
  begin(): Ticket | undefined {
    if (this.isShut) return undefined;
    if (this.#state === 'open') this.#become('half-open');
    return this.#epoch;
  }

  /** `neither`: it was broken off by us, and says nothing. */
  end(ticket: Ticket, outcome: 'success' | 'failure' | 'neither'): void {
    if (ticket !== this.#epoch) return;
    if (this.#state === 'half-open') {
      if (outcome === 'success') this.#close();
      else if (outcome === 'failure') this.#open();
      // The next one tries.
      else this.#become('open');
      return;
    }
    if (outcome !== 'neither') this.#count(outcome === 'failure');
  }

  #count(isFailure: boolean): void {
    const { inARow, percent, leastTries, windowMs } = this.#options;
    const nowMs = this.#now();
    if (nowMs >= this.#windowEndsAt) {
      this.#tries = 0;
      this.#failures = 0;
      this.#windowEndsAt = nowMs + windowMs;
    }
    this.#tries += 1;
    if (isFailure) this.#failures += 1;
    this.#inARow = isFailure ? this.#inARow + 1 : 0;
    const isShare = this.#tries >= leastTries && this.#failures * 100 >= percent * this.#tries;
    if (isFailure && (this.#inARow >= inARow || isShare)) this.#open();
  }

  #open(): void {
    const { firstOpenMs, mostOpenMs, random } = this.#options;
    const openMs = backOffMs(this.#openings, { firstMs: firstOpenMs, mostMs: mostOpenMs }, random);
    this.#openUntil = this.#now() + openMs;
    this.#openings += 1;
    this.opened += 1;
    this.#become('open');
  }

  #close(): void {
    this.#openings = 0;
    this.#inARow = 0;
    this.#windowEndsAt = 0;
    this.#become('closed');
  }

  #become(state: BreakerState): void {
    this.#state = state;
    this.#epoch += 1;
    this.#options.onState?.(state);
  }
}
