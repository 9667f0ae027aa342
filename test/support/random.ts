/** A stream of numbers in [0, 1) that is the same for the same seed (mulberry32), so that a failing case can be repeated. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** An integer in [0, below). */
export function pick(random: () => number, below: number): number {
  return Math.floor(random() * below);
}

export function pickOf<T>(random: () => number, choices: readonly [T, ...T[]]): T {
  return choices[pick(random, choices.length)] ?? choices[0];
}
