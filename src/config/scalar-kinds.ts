import { type DurationKind, type Kind, mismatch, type SizeKind } from './kind.ts';
import { nearest, suggestion } from './nearest.ts';
import { masked } from './spelling.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts';

export function boolean(): Kind<boolean> {
  const words = new Map<string, boolean>([
    ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
    ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
  ]);
  const expected = 'true or false';
  return {
    type: 'boolean',
    expected,
    read: (raw, refuse) => (typeof raw === 'boolean' ? raw : refuse(mismatch(expected, raw))),
    fromText: (text) => words.get(text.toLowerCase()) ?? text,
    write: (value) => value,
  };
}

export function integer({
  min,
  max,
  noun = 'a whole number',
}: {
  min: number;
  max: number;
  noun?: string;
}): Kind<number> {
  const expected = `${noun} from ${min} to ${max}`;
  return {
    type: 'integer',
    expected,
    range: `${min}–${max}`,
    read: (raw, refuse) =>
      typeof raw === 'number' && Number.isInteger(raw) && raw >= min && raw <= max
        ? raw
        : refuse(mismatch(expected, raw)),
    fromText: (text) => (/^-?\d+$/.test(text) ? Number(text) : text),
    write: (value) => value,
  };
}

export function duration({ min, max }: { min: string; max: string }): DurationKind {
  const expected = `a duration from ${min} to ${max}, such as 10s, 250ms or 5m (a bare number is milliseconds)`;
  return {
    ...quantity({ type: 'duration', expected, min, max, parse: parseDuration, format: formatDuration }),
    unit: 'ms',
  };
}

export function size({ min, max }: { min: string; max: string }): SizeKind {
  const expected = `a size from ${min} to ${max}, such as 64KiB or 1MiB (a bare number is bytes)`;
  return { ...quantity({ type: 'size', expected, min, max, parse: parseSize, format: formatSize }), unit: 'bytes' };
}

interface Quantity {
  readonly type: string;
  readonly expected: string;
  readonly min: string;
  readonly max: string;
  readonly parse: (text: string) => number | undefined;
  readonly format: (amount: number) => string;
}

function quantity({ type, expected, min, max, parse, format }: Quantity): Kind<number> {
  const lowest = parse(min) ?? 0;
  const highest = parse(max) ?? Number.MAX_SAFE_INTEGER;
  return {
    type,
    expected,
    range: `${min}–${max}`,
    read(raw, refuse) {
      const amount = typeof raw === 'string' || typeof raw === 'number' ? parse(String(raw)) : undefined;
      if (amount === undefined || amount < lowest || amount > highest) return refuse(mismatch(expected, raw));
      return amount;
    },
    fromText: (text) => text,
    write: format,
  };
}

/** `check` answers the value to keep, or undefined to refuse it. */
export function text(options: {
  type: string;
  expected: string;
  check?: (value: string) => string | undefined;
}): Kind<string> {
  const { type, expected, check = (value: string) => (value === '' ? undefined : value) } = options;
  return {
    type,
    expected,
    read(raw, refuse) {
      if (typeof raw === 'number') return refuse(`${mismatch(expected, raw)}; put it in quotes`);
      const value = typeof raw === 'string' ? check(raw) : undefined;
      return value ?? refuse(mismatch(expected, raw));
    },
    fromText: (given) => given,
    write: (value) => value,
  };
}

/** Text that no message ever repeats. `check` answers what is wrong with it, never the text itself. */
export function secretText(options: { expected: string; check: (value: string) => string | undefined }): Kind<string> {
  const { expected, check } = options;
  return {
    type: 'secret',
    expected,
    read(raw, refuse) {
      if (raw === null || raw === undefined || raw === '') return refuse(`expected ${expected}, found nothing`);
      if (typeof raw !== 'string') return refuse(`expected ${expected}, found something else; put it in quotes`);
      const wrong = check(raw);
      return wrong === undefined ? raw : refuse(`expected ${expected}, found ${wrong}`);
    },
    fromText: (given) => given,
    write: (value) => value,
    mask: (written) => (written === undefined ? undefined : masked),
  };
}

export function choice<const T extends string>(values: readonly T[]): Kind<T> {
  const expected = `one of ${values.join(', ')}`;
  return {
    type: 'choice',
    expected,
    range: values.join(' | '),
    read(raw, refuse) {
      const value = values.find((each) => each === raw);
      if (value !== undefined) return value;
      const near = typeof raw === 'string' ? nearest(raw, values) : undefined;
      return refuse(mismatch(expected, raw) + suggestion(near));
    },
    fromText: (given) => given,
    write: (value) => value,
  };
}
