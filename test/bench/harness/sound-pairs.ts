import type { Bench } from './row.ts';

export interface SoundPairs<R> {
  /** By contestant, in order. */
  readonly results: R[][];
  /** Pairs that were left out. */
  readonly unsound: number;
}

/**
 * A B A B as `interleaved`, but a pair counts only where each of its runs `isSound`: another is made in its place, up to half as many
 * again. Throws, with `why`, where fewer than half of the pairs are left to judge by.
 */
export async function soundPairs<T, R>(
  bench: Bench,
  contestants: readonly T[],
  {
    run,
    isSound,
    why,
  }: { run: (contestant: T, isWarmUp: boolean) => Promise<R>; isSound: (result: R) => boolean; why: string },
): Promise<SoundPairs<R>> {
  for (const contestant of contestants) await run(contestant, true);
  const sound: R[][] = [];
  const most = bench.pairs + Math.ceil(bench.pairs / 2);
  let made = 0;
  for (; made < most && sound.length < bench.pairs; made += 1) {
    bench.progress(`pair ${sound.length + 1} of ${bench.pairs}`);
    const pair: R[] = [];
    for (const contestant of contestants) pair.push(await run(contestant, false));
    if (pair.every(isSound)) sound.push(pair);
  }
  const unsound = made - sound.length;
  if (sound.length < bench.pairs / 2) throw new Error(`nothing to judge by: in ${unsound} of ${made} pairs ${why}`);
  return { results: contestants.map((_, at) => sound.flatMap((pair) => pair.slice(at, at + 1))), unsound };
}
