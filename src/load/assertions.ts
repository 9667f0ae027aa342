/** What can be asserted: figures of a result by name, and the unit of a bare number. */
export const assertable = {
  p50: 'ms',
  p90: 'ms',
  p99: 'ms',
  'p99.9': 'ms',
  max: 'ms',
  mean: 'ms',
  /** Share of the deliveries with `%`. */
  loss: 'count',
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
} as const;
export type Assertable = keyof typeof assertable;

const compare = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '=': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
} as const;

export interface Assertion {
  /** As it was written. */
  readonly text: string;
  readonly name: Assertable;
  readonly operator: keyof typeof compare;
  /** Milliseconds, a count, or percent. */
  readonly value: number;
  readonly isPercent: boolean;
}

const unitsOfTime: Readonly<Record<string, number>> = { us: 0.001, µs: 0.001, ms: 1, s: 1000 };

/** `p99<50ms,loss=0,rate>=10000`. Throws SyntaxError that says which part cannot be read, and what could be. */
export function parseAssertions(text: string): readonly Assertion[] {
  return text.split(',').map((part) => parseAssertion(part.trim()));
}

function parseAssertion(text: string): Assertion {
  const [, name = '', operator = '', number = '', unit = ''] =
    /^([a-z][a-z0-9.]*)\s*(<=|>=|!=|<|>|==?)\s*(\d+(?:\.\d+)?)\s*([a-zµ%]*)$/i.exec(text) ?? [];
  if (name === '') throw new SyntaxError(`"${text}" is no assertion: write NAME OPERATOR NUMBER, such as p99<50ms`);
  if (!Object.hasOwn(assertable, name)) {
    throw new SyntaxError(`"${name}" cannot be asserted: the names are ${Object.keys(assertable).join(', ')}`);
  }
  const known = name as Assertable;
  const isTime = assertable[known] === 'ms';
  const factor = isTime ? unitsOfTime[unit === '' ? 'ms' : unit] : undefined;
  const isPercent = unit === '%' && known === 'loss';
  if (isTime ? factor === undefined : unit !== '' && !isPercent) {
    throw new SyntaxError(
      `"${unit}" is no unit for ${name}: ${isTime ? 'write us, ms or s' : known === 'loss' ? 'write % or nothing' : 'write none'}`,
    );
  }
  return {
    text,
    name: known,
    operator: (operator === '==' ? '=' : operator) as Assertion['operator'],
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
