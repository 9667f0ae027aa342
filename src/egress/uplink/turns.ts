import { createRate, take } from '../../util/rate.ts';
import { type Answer, answers } from './request.ts';

export interface TurnLimits {
  /** Requests a second of one connection in the long run; 0: any number. */
  readonly rate: number;
  /** At once after a quiet time. */
  readonly burst: number;
  /** Of one connection that wait for their answers. */
  readonly waitingEach: number;
  /** Of all connections. */
  readonly waiting: number;
  /** Of what those ask, together. */
  readonly waitingBytes: number;
  /** Milliseconds on a clock that is never set back. */
  readonly now: () => number;
}

/** `fullAt`: see `Rate`. */
interface Turn {
  fullAt: number;
  waiting: number;
}

/** Who may ask now: how often, and how much at a time. What is known of a connection goes with it. */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #rate: ReturnType<typeof createRate> | undefined;
  readonly #turns = new WeakMap<object, Turn>();
  #waiting = 0;
  #bytes = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
    if (limits.rate > 0) this.#rate = createRate({ perSecond: limits.rate, burst: limits.burst });
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Every request takes from the rate, whatever is answered then. Undefined: it may go on. */
  judge(from: object): Answer | undefined {
    if (this.#rate === undefined) return undefined;
    const turn = this.#of(from);
    const fullAt = take(this.#rate, turn.fullAt, this.#limits.now());
    if (fullAt === undefined) return answers.tooFast;
    turn.fullAt = fullAt;
    return undefined;
  }

  /** Undefined: it is under way now, until `leave` with as many bytes. */
  enter(from: object, bytes: number): Answer | undefined {
    const { waitingEach, waiting, waitingBytes } = this.#limits;
    const turn = this.#of(from);
    if (turn.waiting >= waitingEach) return answers.tooMany;
    if (this.#waiting >= waiting || (this.#waiting > 0 && this.#bytes + bytes > waitingBytes)) return answers.busy;
    turn.waiting += 1;
    this.#waiting += 1;
    this.#bytes += bytes;
    return undefined;
  }

  leave(from: object, bytes: number): void {
    this.#of(from).waiting -= 1;
    this.#waiting -= 1;
    this.#bytes -= bytes;
    if (this.#waiting > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** Resolves when nobody waits for an answer. */
  whenIdle(): Promise<void> {
    if (this.#waiting === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  #of(from: object): Turn {
    let turn = this.#turns.get(from);
    if (turn === undefined) {
      turn = { fullAt: 0, waiting: 0 };
      this.#turns.set(from, turn);
    }
    return turn;
  }
}
