import type { createRandom } from '../support/random.ts';

export type Random = ReturnType<typeof createRandom>;

/** Something that is fed inputs. */
export interface Target {
  readonly name: string;
  /** Inputs of a full run. */
  readonly count: number;
  /** Inputs under way at once. */
  readonly concurrency: number;
  /** By how much memory may grow between a fifth of the run and its end. */
  readonly maxGrowthBytes: number;
  /** The same bytes for the same stream of random numbers. */
  generate(random: Random): Buffer;
  open(): Promise<OpenTarget>;
}

export interface OpenTarget {
  /** Throws where something happens that is not documented; `TooLate` where nothing does. */
  run(input: Buffer): void | Promise<void>;
  /** After the last input: throws where the target is no longer as it was. */
  close?(): Promise<void>;
}

/** Took longer than a second. Tried again alone before it counts: the machine may have been busy. */
export class TooLate extends Error {
  override readonly name = 'TooLate';
}

/** A target without state and without waiting. */
export function pureTarget(
  name: string,
  count: number,
  generate: (random: Random) => Buffer,
  run: (input: Buffer) => void,
): Target {
  return { name, count, concurrency: 1, maxGrowthBytes: 8 * 1024 * 1024, generate, open: async () => ({ run }) };
}
