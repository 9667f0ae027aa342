export interface MinuteBanLimits {
  /** An address that does it more often than this in a minute is banned. */
  readonly perMinute: number;
  readonly banMs: number;
}

interface Seen {
  count: number;
  readonly sinceMs: number;
  bannedUntilMs: number;
}

const minuteMs = 60_000;

/** Addresses that do again and again what they should not. `most`: so many are remembered, the oldest forgotten first. */
export class MinuteBans {
  readonly #limits: MinuteBanLimits;
  readonly #most: number;
  /** In the order in which they were first seen. */
  readonly #seen = new Map<string, Seen>();

  constructor(limits: MinuteBanLimits, most = 100_000) {
    this.#limits = limits;
    this.#most = most;
  }

  get size(): number {
    return this.#seen.size;
  }

  /** For how long the address is banned yet, in milliseconds; 0: it is not. */
  bannedMs(address: string, nowMs: number): number {
    return Math.max(0, (this.#seen.get(address)?.bannedUntilMs ?? 0) - nowMs);
  }

  /** Counts one more time. Answers as `bannedMs` does then. */
  count(address: string, nowMs: number): number {
    const seen = this.#current(address, nowMs);
    if (seen.bannedUntilMs > nowMs) return seen.bannedUntilMs - nowMs;
    seen.count += 1;
    if (seen.count <= this.#limits.perMinute) return 0;
    seen.bannedUntilMs = nowMs + this.#limits.banMs;
    return this.#limits.banMs;
  }

  #current(address: string, nowMs: number): Seen {
    const known = this.#seen.get(address);
    if (known !== undefined && !isOver(known, nowMs)) return known;
    this.#seen.delete(address);
    this.#forget(nowMs);
    const fresh = { count: 0, sinceMs: nowMs, bannedUntilMs: 0 };
    this.#seen.set(address, fresh);
    return fresh;
  }

  #forget(nowMs: number): void {
    for (const [address, seen] of this.#seen) {
      if (!isOver(seen, nowMs) && this.#seen.size < this.#most) return;
      this.#seen.delete(address);
    }
  }
}

function isOver({ sinceMs, bannedUntilMs }: Seen, nowMs: number): boolean {
  return bannedUntilMs === 0 ? nowMs - sinceMs >= minuteMs : nowMs >= bannedUntilMs;
}
