import type { Clock } from './clock.ts';

export interface Timers {
  after(ms: number, call: () => void): Disposable;
  nextTurn(call: () => void): Disposable;
}

export const systemTimers: Timers = {
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
  nextTurn(call) {
    const timer = setImmediate(call);
    return { [Symbol.dispose]: () => clearImmediate(timer) };
  },
};

/** Timers of the runtime have milliseconds; where so much lies between two requests, the last of it is waited out turn by turn. */
const spinIntervalMs = 20;
const spinMs = 1.5;

export interface PacerOptions {
  readonly clock: Clock;
  readonly timers?: Timers;
  readonly startMs: number;
  /** Requests a second. */
  readonly perSecond: number;
  readonly lanes: number;
  /** Sends the lane's next request, which was meant for that time. The lane is then busy until `free` is called. */
  readonly send: (lane: number, intendedMs: number) => void;
}

/**
 * The open loop: request number i was meant to be sent at `start + i / rate`, whatever became of those before it; it belongs to lane i modulo the
 * lanes. Where a lane is late its requests follow each other without a pause, and keep their times: what waits for a slow server waits in the
 * figures too (Gil Tene's coordinated omission).
 */
export class Pacer {
  readonly isSpinning: boolean;
  readonly #options: PacerOptions;
  readonly #timers: Timers;
  readonly #intervalMs: number;
  /** Of each lane: the number of its next request. */
  readonly #next: Float64Array;
  readonly #isFree: Uint8Array;
  /** All requests before this one have been sent, or wait for their lane. */
  #due = 0;
  #timer: Disposable | undefined;
  #isStopped = false;
  /** Milliseconds that requests of free lanes left late: this program's own share. */
  worstLateMs = 0;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    this.#intervalMs = 1000 / options.perSecond;
    this.isSpinning = this.#intervalMs >= spinIntervalMs;
    this.#next = Float64Array.from({ length: options.lanes }, (_, lane) => lane);
    this.#isFree = new Uint8Array(options.lanes).fill(1);
  }

  start(): void {
    this.#onTime();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.[Symbol.dispose]();
  }

  /** Requests whose time has come; those that were not sent waited for their lane. */
  get scheduled(): number {
    return this.#due;
  }

  free(lane: number): void {
    this.#isFree[lane] = 1;
    const number = this.#next[lane] as number;
    if (!this.#isStopped && number < this.#due) this.#send(lane, number);
  }

  #send(lane: number, number: number): void {
    this.#isFree[lane] = 0;
    this.#next[lane] = number + this.#options.lanes;
    this.#options.send(lane, this.#timeOf(number));
  }

  #timeOf(number: number): number {
    return this.#options.startMs + number * this.#intervalMs;
  }

  #onTime(): void {
    if (this.#isStopped) return;
    const { clock, lanes } = this.#options;
    const nowMs = clock();
    while (this.#timeOf(this.#due) <= nowMs) {
      const number = this.#due++;
      const lane = number % lanes;
      if (this.#isFree[lane] === 0) continue;
      this.worstLateMs = Math.max(this.worstLateMs, nowMs - this.#timeOf(number));
      this.#send(lane, number);
    }
    const waitMs = this.#timeOf(this.#due) - clock();
    const again = () => this.#onTime();
    if (!this.isSpinning) this.#timer = this.#timers.after(Math.max(1, Math.floor(waitMs)), again);
    else if (waitMs >= spinMs + 1) this.#timer = this.#timers.after(Math.floor(waitMs - spinMs), again);
    else this.#timer = this.#timers.nextTurn(again);
  }
}
