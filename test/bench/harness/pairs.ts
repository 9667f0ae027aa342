import type { Bench } from './row.ts';

/** A B A B: runs all in turn, one round to warm up and then `bench.pairs`; what each gave, in order. */
export async function interleaved<T, R>(
  bench: Bench,
  contestants: readonly T[],
  run: (contestant: T, isWarmUp: boolean) => Promise<R>,
): Promise<R[][]> {
  for (const contestant of contestants) await run(contestant, true);
  const results: R[][] = contestants.map(() => []);
  for (let pair = 0; pair < bench.pairs; pair += 1) {
    for (const [at, contestant] of contestants.entries()) {
      bench.progress(`pair ${pair + 1} of ${bench.pairs}`);
      results[at]?.push(await run(contestant, false));
    }
  }
  return results;
}
