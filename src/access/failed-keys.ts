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

/** Slows down whoever guesses keys, by address. A right key is never made to wait, unless the ban was asked for. */
export class FailedKeys {
  readonly #options: Required<FailedKeysOptions>;
  readonly #bans: MinuteBans | undefined;
  /** In the order of the last failure. */
  readonly #failures = new Map<string, { count: number; lastMs: number }>();

  constructor(options: FailedKeysOptions) {
    this.#options = { now: () => performance.now(), wait: (ms) => sleep(ms, undefined, { ref: false }), ...options };
    this.#bans = options.limits.perMinute > 0 ? new MinuteBans(options.limits) : undefined;
  }

  /** For how long yet no key from there is looked at, in milliseconds. */
  bannedMs(address: string): number {
    return this.#bans?.bannedMs(addressGroup(address), this.#options.now()) ?? 0;
  }

  /** Counts a wrong key, and resolves when it may be answered: 50 ms, twice that, and so on up to the longest wait. */
  async failed(address: string): Promise<void> {
    const { now, wait, delayMs } = this.#options;
    const group = addressGroup(address);
    this.#bans?.count(group, now());
    if (delayMs > 0) await wait(Math.min(delayMs, firstMs * 2 ** Math.min(20, this.#count(group, now()) - 1)));
  }

  #count(group: string, nowMs: number): number {
    const known = this.#failures.get(group);
    const count = known !== undefined && nowMs - known.lastMs < forgottenMs ? known.count + 1 : 1;
    this.#failures.delete(group);
    this.#failures.set(group, { count, lastMs: nowMs });
    for (const [oldest, { lastMs }] of this.#failures) {
      if (nowMs - lastMs < forgottenMs && this.#failures.size <= mostAddresses) break;
      this.#failures.delete(oldest);
    }
    return count;
  }
}
