/**
 * So many a second in the long run, and so many at once after a quiet time: a token bucket, kept as the one moment at which it
 * would be full again (the generic cell rate algorithm, ITU-T I.371 annex A).
 */
export interface Rate {
  readonly intervalMs: number;
  readonly toleranceMs: number;
}

export function createRate({ perSecond, burst }: { perSecond: number; burst: number }): Rate {
  const intervalMs = 1000 / perSecond;
  return { intervalMs, toleranceMs: burst * intervalMs };
}

/**
 * Takes `count` from the bucket that is full again at `fullAt` (0 at first; the same clock as `nowMs`). Answers when it is full
 * after that, or undefined where it does not hold so many, and then nothing is taken.
 */
export function take(rate: Rate, fullAt: number, nowMs: number, count = 1): number | undefined {
  const next = Math.max(fullAt, nowMs) + count * rate.intervalMs;
  // Sums of a fraction of a millisecond may be off by one in the last place.
  return next - nowMs > rate.toleranceMs + 1e-6 ? undefined : next;
}
