import type { Measured } from './measured.ts';
import type { Pinning } from './pinning.ts';
import type { ProfileNode } from './profile.ts';
import type { Target } from './target.ts';

/** One row of the table of targets: a file of `rows`, run one after the other. */
export interface Row {
  /** `P1` */
  readonly id: string;
  readonly scenario: string;
  readonly targets: readonly Target[];
  /**
   * Measures and verifies: throws where a message was lost, doubled, out of order, or came to somebody who should not have
   * it. The result has each target's figure; further ones are shown without being judged.
   */
  run(bench: Bench): Promise<RowResult>;
}

export interface RowResult {
  readonly figures: Readonly<Record<string, Measured>>;
  /** What a reader of the figures has to know, a sentence each. */
  readonly notes?: readonly string[];
  /** Where the time of the server went, in a run of its own. */
  readonly profile?: ProfileNode;
  /** For the chart. */
  readonly points?: readonly BatchPoint[];
}

/** What a server does with bursts of one size: medians of the pairs. */
export interface BatchPoint {
  readonly server: string;
  /** Messages of a burst. */
  readonly size: number;
  /** Of a core that does nothing else. */
  readonly deliveriesPerSecond: number;
  /** From the burst to a message's arrival, one burst at a time. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What a run of rows has in common. */
export interface Bench {
  /** Interleaved A B A B; figures are medians of so many. */
  readonly pairs: number;
  /** Connections of a scenario that names no number of its own. */
  readonly clients: number;
  /** Of the work of a full run: 1, or less for a quick one. */
  readonly scale: number;
  readonly pinning: Pinning;
  /** Of the machine. */
  readonly cores: number;
  /** Folder for the profiles as V8 wrote them, where somebody wants them. */
  readonly profileDirectory?: string;
  /** What is under way, for the terminal. */
  progress(text: string): void;
  /** A measurement that two rows share is made once. */
  once<T>(key: string, measure: () => Promise<T>): Promise<T>;
}

/** At least one, for a count that shrinks with `scale`. */
export function scaled(bench: Bench, count: number): number {
  return Math.max(1, Math.round(count * bench.scale));
}
