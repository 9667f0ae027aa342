import { parse as parseYaml } from 'yaml';
import { isRecord, type Kind, mismatch, quote, type Refuse } from './kind.ts';
import { nearest, suggestion } from './nearest.ts';

/** A list, given whole: it replaces the one below it. As text `a,b`, or YAML flow style `[a, b]`. */
export function list<T>(item: Kind<T>): Kind<readonly T[]> {
  const expected = 'a list such as [a, b]';
  return {
    type: `list of ${item.type}`,
    expected,
    ...(item.range === undefined ? {} : { range: item.range }),
    read(raw, refuse) {
      if (!Array.isArray(raw)) return refuse(mismatch(expected, raw));
      const items = raw.map((each: unknown, index) => item.read(each, refuseAt(refuse, index)));
      return items.filter((each) => each !== undefined);
    },
    fromText(given) {
      if (given.trim() === '') return [];
      if (/^\s*[[{]/.test(given)) return fromFlow(given);
      return given.split(',').map((each) => item.fromText(each.trim()));
    },
    write: (values) => values.map((value) => item.write(value)),
    ...(item.mask && {
      mask: (written) => (Array.isArray(written) ? written.map((each) => item.mask?.(each)) : written),
    }),
  };
}

/** A list that is never empty. `advice`: what to do instead. */
export function someOf<T>(item: Kind<T>, { one, advice }: { one: string; advice: string }): Kind<readonly T[]> {
  const any = list(item);
  return {
    ...any,
    read: (raw, refuse) =>
      Array.isArray(raw) && raw.length === 0
        ? refuse(`expected at least one ${one}; ${advice}`)
        : any.read(raw, refuse),
  };
}

/**
 * A map from names to values, merged over the one below it; `null` takes a name away. As text, YAML flow style. Written
 * over a base, it is only what differs from it.
 */
export function map<T>(options: {
  type: string;
  /** Completes "expected …" for a name. */
  expectedName: string;
  isName: (name: string) => boolean;
  item: Kind<T>;
}): Kind<Readonly<Record<string, T>>> {
  const { type, expectedName, isName, item } = options;
  const expected = `a map from ${expectedName} to ${item.expected}`;
  return {
    type,
    expected,
    ...(item.range === undefined ? {} : { range: item.range }),
    read(raw, refuse, under = {}) {
      if (!isRecord(raw)) return refuse(mismatch(expected, raw));
      const merged = new Map(Object.entries(under));
      for (const [name, each] of Object.entries(raw)) {
        if (!isName(name)) refuse(mismatch(`${expectedName} as the name`, name), [name]);
        else if (each === null) merged.delete(name);
        else {
          const value = item.read(each, refuseAt(refuse, name));
          if (value !== undefined) merged.set(name, value);
        }
      }
      return Object.fromEntries(merged);
    },
    fromText: fromFlow,
    write(values, base = {}) {
      const removed = Object.keys(base).filter((name) => !Object.hasOwn(values, name));
      const changed = Object.entries(values).filter(([name, value]) => base[name] !== value);
      const kept = changed.map(([name, value]) => [name, item.write(value)]);
      return Object.fromEntries([...kept, ...removed.map((name) => [name, null])]);
    },
  };
}

/** An object with a fixed set of fields, of which those named in `optional` may be absent. */
export function object<T extends object>(options: {
  type: string;
  expected: string;
  fields: { readonly [F in keyof T & string]-?: Kind<NonNullable<T[F]>> };
  optional: readonly (keyof T & string)[];
}): Kind<T> {
  const { type, expected, optional } = options;
  const fields = new Map<string, Kind<unknown>>(Object.entries(options.fields));
  const maskField = ([name, each]: [string, unknown]) => [name, fields.get(name)?.mask?.(each) ?? each];
  return {
    type,
    expected,
    read(raw, refuse) {
      if (!isRecord(raw)) return refuse(mismatch(expected, raw));
      for (const name of Object.keys(raw)) {
        if (!fields.has(name))
          refuse(`unknown key ${quote(name)}${suggestion(nearest(name, [...fields.keys()]))}`, [name]);
      }
      const values = new Map<string, unknown>();
      for (const [name, kind] of fields) {
        const given = Object.hasOwn(raw, name) ? raw[name] : undefined;
        if (given === undefined && optional.some((each) => each === name)) continue;
        const value = kind.read(given, refuseAt(refuse, name));
        if (value === undefined) return undefined;
        values.set(name, value);
      }
      return Object.fromEntries(values) as T;
    },
    fromText: fromFlow,
    write: (value) =>
      Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fields.get(name)?.write(each) ?? each])),
    ...([...fields.values()].some(({ mask }) => mask !== undefined) && {
      mask: (written) => (isRecord(written) ? Object.fromEntries(Object.entries(written).map(maskField)) : written),
    }),
  };
}

/**
 * Objects of several shapes, told apart by their field `type`. `check` sees one whose fields are right each by itself, and
 * answers what is wrong with them together. A value of another shape is never repeated: there may be secrets in it.
 */
export function variants<T extends { readonly type: string }>(options: {
  type: string;
  expected: string;
  of: { readonly [Name in T['type']]: Kind<Extract<T, { readonly type: Name }>> };
  check: (value: T) => string | undefined;
}): Kind<T> {
  const { type, expected } = options;
  const kinds = new Map<string, Kind<T>>(Object.entries(options.of as unknown as Record<string, Kind<T>>));
  const kindOf = (value: unknown) => (isRecord(value) ? kinds.get(String(value['type'])) : undefined);
  return {
    type,
    expected,
    range: [...kinds.keys()].join(' | '),
    read(raw, refuse) {
      if (!isRecord(raw)) return refuse(`expected ${expected}`);
      const kind = kindOf(raw);
      if (kind === undefined) return refuse(`expected one of ${[...kinds.keys()].join(', ')}`, ['type']);
      const value = kind.read(raw, refuse);
      const wrong = value === undefined ? undefined : options.check(value);
      return wrong === undefined ? value : refuse(wrong);
    },
    fromText: fromFlow,
    write: (value) => kindOf(value)?.write(value),
    mask: (written) => kindOf(written)?.mask?.(written) ?? written,
  };
}

function refuseAt(refuse: Refuse, step: string | number): Refuse {
  return (message, path = []) => refuse(message, [step, ...path]);
}

function fromFlow(given: string): unknown {
  try {
    return parseYaml(given);
  } catch {
    return given;
  }
}
