/** Counts the lines that a destination of the log could not take. */
export interface LostLines {
  lose(reason: string): void;
  /** A line was written. */
  wrote(): void;
  /** Lines since the start. */
  readonly count: number;
}

export interface LossListener {
  /** Told once when lines begin to be lost. */
  readonly onLosing: (reason: string) => void;
  /** Told when lines are written again, with the number of those that were lost. */
  readonly onRecovered: (lost: number) => void;
}

export function createLostLines({ onLosing, onRecovered }: LossListener): LostLines {
  let count = 0;
  let countBefore: number | undefined;
  return {
    lose(reason) {
      const isFirst = countBefore === undefined;
      countBefore ??= count;
      count += 1;
      if (isFirst) onLosing(reason);
    },
    wrote() {
      if (countBefore === undefined) return;
      const lost = count - countBefore;
      countBefore = undefined;
      onRecovered(lost);
    },
    get count() {
      return count;
    },
  };
}
