import { median, spreadOf } from './statistics.ts';

/** One side of a comparison: its median, and what each run gave. */
export interface Side {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly runs?: readonly number[];
}

/** What a row found: the judged value, its spread over the pairs, and what it was made of. */
export interface Measured {
  readonly value: number;
  readonly unit: string;
  readonly spread?: readonly [number, number];
  readonly sides?: readonly Side[];
}

export function side(name: string, unit: string, runs: readonly number[]): Side {
  return { name, value: median(runs), unit, runs };
}

/** None of a single run. */
function spreadOfRuns(runs: readonly number[] = []): Pick<Measured, 'spread'> {
  return runs.length < 2 ? {} : { spread: spreadOf(runs) };
}

/** Ours divided by the peer's, pair by pair: the median of the quotients, for a noisy moment meets both of a pair. */
export function ratioOf(ours: Side, peer: Side): Measured {
  const quotients = (ours.runs ?? [ours.value]).map((value, pair) => value / (peer.runs?.[pair] ?? peer.value));
  return { value: median(quotients), unit: '×', ...spreadOfRuns(quotients), sides: [ours, peer] };
}

/** What ours takes more than the peer's, pair by pair: the median of the differences. */
export function differenceOf(ours: Side, peer: Side): Measured {
  const differences = (ours.runs ?? [ours.value]).map((value, pair) => value - (peer.runs?.[pair] ?? peer.value));
  return { value: median(differences), unit: ours.unit, ...spreadOfRuns(differences), sides: [ours, peer] };
}

/** A figure that is judged as it is. */
export function absolute(ours: Side): Measured {
  return { value: ours.value, unit: ours.unit, ...spreadOfRuns(ours.runs), sides: [ours] };
}
