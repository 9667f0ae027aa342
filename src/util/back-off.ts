export interface BackOffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Twice as long after each try, up to `mostMs`, and each a random half to whole of it. `tries`: those that failed, from 0. */
export function backOffMs(
  tries: number,
  { firstMs, mostMs }: BackOffOptions,
  random: () => number = Math.random,
): number {
  return Math.min(mostMs, firstMs * 2 ** tries) * (0.5 + random() / 2);
}
