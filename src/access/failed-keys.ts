import { setTimeout as sleep } from 'node:timers/promises';
import { addressGroup } from '../util/address-group.ts';
import { type MinuteBanLimits, MinuteBans } from '../util/minute-bans.ts';

export interface FailedKeysOptions {
  /** Longest wait for the answer to a wrong key; 0: none. */
  readonly delayMs: number;
  /** After so many wrong keys in a minute no key of that address is looked at for a while; 0: off. */
  readonly limits: MinuteBanLimits;
  /** Milliseconds on a clock that is never set back. */
  readonly now?: () => number;
  readonly wait?: (ms: number) => Promise<unknown>;
}

const firstMs = 50;
const forgottenMs = 60_000;
const mostAddresses = 10_000;
/** Answers that are held back: what waits costs memory, and the rest are answered at once. */
const mostWaiting = { ofOneAddress: 8, inAll: 256 };

interface Failures {
  count: number;
  lastMs: number;
  waiting: number;
}

/** Slows down whoever guesses keys, by address. A right key is never made to wait, unless the ban was asked for. */
export class FailedKeys {
  readonly #options: Required<FailedKeysOptions>;
  readonly #bans: MinuteBans | undefined;
  /** In the order of the last failure. */
  readonly #failures = new Map<string, Failures>();
  #waiting = 0;

  constructor(options: FailedKeysOptions) {
    this.#options = { now: () => performance.now(), wait: (ms) => sleep(ms, undefined, { ref: false }), ...options };
    this.#bans = options.limits.perMinute > 0 ? new MinuteBans(options.limits) : undefined;
  }

  /** For how long yet no key from there is looked at, in milliseconds. */
  bannedMs(address: string): number {
    return this.#bans?.bannedMs(addressGroup(address), this.#options.now()) ?? 0;
  }

  /**
   * Counts a wrong key, and resolves when it may be answered: after 50 ms, twice that, and so on up to the longest wait. False,
   * at once: too many such answers wait already.
   */
  async failed(address: string): Promise<boolean> {
    const { now, wait, delayMs } = this.#options;
    const group = addressGroup(address);
    this.#bans?.count(group, now());
    if (delayMs <= 0) return true;
    const failures = this.#count(group, now());
    if (failures.waiting >= mostWaiting.ofOneAddress || this.#waiting >= mostWaiting.inAll) return false;
    failures.waiting += 1;
    this.#waiting += 1;
    await wait(Math.min(delayMs, firstMs * 2 ** Math.min(20, failures.count - 1)));
    failures.waiting -= 1;
    this.#waiting -= 1;
    return true;
  }

  #count(group: string, nowMs: number): Failures {
    const known = this.#failures.get(group) ?? { count: 0, lastMs: nowMs, waiting: 0 };
    known.count = nowMs - known.lastMs < forgottenMs ? known.count + 1 : 1;
    known.lastMs = nowMs;
    // Behind all others: the order is that of the last failure.
    this.#failures.delete(group);
    this.#failures.set(group, known);
    for (const [oldest, { lastMs }] of this.#failures) {
      if (nowMs - lastMs < forgottenMs && this.#failures.size <= mostAddresses) break;
      this.#failures.delete(oldest);
    }
    return known;
  }
}
