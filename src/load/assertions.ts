/** Of a bare number. `share`: a count, or with `%` the part of what was expected. */
export type FigureUnit = 'ms' | 'count' | 'share' | 'percent';

/** What can be asserted: figures of a result by name, and the unit of a bare number. */
export const assertable = {
  p50: 'ms',
  p90: 'ms',
  p99: 'ms',
  'p99.9': 'ms',
  max: 'ms',
  mean: 'ms',
  loss: 'share',
  duplicates: 'count',
  disorder: 'count',
  misdelivered: 'count',
  refused: 'count',
  unanswered: 'count',
  unsent: 'count',
  failed: 'count',
  closed: 'count',
  connected: 'count',
  /** A second: messages, requests or connections; and deliveries. */
  rate: 'count',
  deliveries: 'count',
} as const satisfies Readonly<Record<string, FigureUnit>>;
export type Assertable = keyof typeof assertable;

const compare = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '=': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
} as const;

export interface Assertion<N extends string = Assertable> {
  /** As it was written. */
  readonly text: string;
  readonly name: N;
  readonly operator: keyof typeof compare;
  /** Milliseconds, a count, or percent. */
  readonly value: number;
  readonly isPercent: boolean;
}

const unitsOfTime: Readonly<Record<string, number>> = { us: 0.001, µs: 0.001, ms: 1, s: 1000 };

/** `p99<50ms,loss=0,rate>=10000`. Throws SyntaxError that says which part cannot be read, and what could be. */
export function parseAssertions(text: string): readonly Assertion[] {
  return parseConditions(text, assertable);
}

/** The same about figures of other names. */
export function parseConditions<N extends string>(
  text: string,
  names: Readonly<Record<N, FigureUnit>>,
): readonly Assertion<N>[] {
  return text.split(',').map((part) => parseCondition(part.trim(), names));
}

function parseCondition<N extends string>(text: string, names: Readonly<Record<N, FigureUnit>>): Assertion<N> {
  const [, name = '', operator = '', number = '', unit = ''] =
    /^([a-z][a-z0-9.]*)\s*(<=|>=|!=|<|>|==?)\s*(\d+(?:\.\d+)?)\s*([a-zµ%]*)$/i.exec(text) ?? [];
  if (name === '') throw new SyntaxError(`"${text}" is no assertion: write NAME OPERATOR NUMBER, such as p99<50ms`);
  if (!Object.hasOwn(names, name)) {
    throw new SyntaxError(`"${name}" cannot be asserted: the names are ${Object.keys(names).join(', ')}`);
  }
  const known = name as N;
  const kind = names[known];
  const isTime = kind === 'ms';
  const factor = isTime ? unitsOfTime[unit === '' ? 'ms' : unit] : undefined;
  const isPercent = unit === '%' && (kind === 'share' || kind === 'percent');
  if (isTime ? factor === undefined : unit !== '' && !isPercent) {
    throw new SyntaxError(
      `"${unit}" is no unit for ${name}: ${isTime ? 'write us, ms or s' : kind === 'count' ? 'write none' : 'write % or nothing'}`,
    );
  }
  return {
    text,
    name: known,
    operator: (operator === '==' ? '=' : operator) as keyof typeof compare,
    value: Number(number) * (factor ?? 1),
    isPercent,
  };
}

/** What was measured, by name; absent where a scenario has no such figure. `expected`: deliveries that had to come. */
export type Measured = Readonly<Partial<Record<Assertable, number>>> & { readonly expected?: number };

export interface Checked {
  readonly text: string;
  readonly ok: boolean;
  /** What it was; undefined where the scenario has no such figure, which is no success. */
  readonly actual: number | undefined;
}

export function check(assertions: readonly Assertion[], measured: Measured): readonly Checked[] {
  return assertions.map(({ text, name, operator, value, isPercent }) => {
    const figure = measured[name];
    const actual = figure !== undefined && isPercent ? (figure * 100) / Math.max(1, measured.expected ?? 0) : figure;
    return { text, ok: actual !== undefined && compare[operator](actual, value), actual };
  });
}

/** Whether a figure is as it is said to be. */
export function holds({ operator, value }: Pick<Assertion<string>, 'operator' | 'value'>, actual: number): boolean {
  return compare[operator](actual, value);
}
