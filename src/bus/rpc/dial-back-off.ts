const firstMs = 50;
const mostMs = 2000;

/** Twice as long after each try, up to two seconds, and each a random half to whole of it. */
export function dialDelayMs(tries: number, random: () => number = Math.random): number {
  return Math.min(mostMs, firstMs * 2 ** tries) * (0.5 + random() / 2);
}
