/** What a row must reach, as PERFORMANCE.md writes it: `≤ 0.55×`, `≥ 60 000 /s`, `≤ 50 ms`. */
export interface Target {
  /** Key of the measurement it judges, in what the row's `run` returns. */
  readonly figure: string;
  /** What is measured, for the table: `CPU per delivery, against socket.io`. */
  readonly what: string;
  readonly limit: string;
}

export interface Limit {
  readonly sense: 'atMost' | 'atLeast';
  readonly value: number;
  readonly unit: Unit;
}

export const units = ['×', '%', 'ms', 's', 'KB', 'MB', '/s', 'µs'] as const;
export type Unit = (typeof units)[number];

const pattern = new RegExp(`^([≤≥]) (\\d[\\d ]*(?:\\.\\d+)?) ?(${units.join('|')})$`);

/** Throws for what is no limit: a target nobody can judge is a mistake in its row. */
export function parseLimit(text: string): Limit {
  const [, sense, digits = '', unit] = pattern.exec(text) ?? [];
  if (sense === undefined) {
    throw new Error(`${text} is no limit: expected ≤ or ≥, a number and one of ${units.join(' ')}, as in "≤ 0.55×"`);
  }
  return {
    sense: sense === '≤' ? 'atMost' : 'atLeast',
    value: Number(digits.replaceAll(' ', '')),
    unit: unit as Unit,
  };
}

/** A figure that is no number has been reached by nobody. */
export function isMet(limit: Limit, value: number): boolean {
  return limit.sense === 'atMost' ? value <= limit.value : value >= limit.value;
}
