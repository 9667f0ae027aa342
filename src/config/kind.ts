/** Where in a list or map a flaw is: `['0', 'port']` is `[0].port`. */
export type Path = readonly (string | number)[];

/** Takes one reason why a value is refused; answers undefined, so that a reader can return it. */
export type Refuse = (message: string, path?: Path) => undefined;

/** One kind of value: how it is read from a file or from text, and written back. */
export interface Kind<V> {
  /** For documentation: `duration`, `list of network`. */
  readonly type: string;
  /** Completes "expected …". */
  readonly expected: string;
  /** What may stand there, for documentation: `1–1000`, `debug | info`. */
  readonly range?: string;
  /** Set on the kinds whose field in `Config` carries the unit in its name. */
  readonly unit?: 'ms' | 'bytes';
  /** A value as YAML gives it. `under` is what a lower layer or the default says, for kinds that merge. */
  read(raw: unknown, refuse: Refuse, under?: V): V | undefined;
  /** What YAML would have given for this text, from the environment, `--set` or INI. */
  fromText(text: string): unknown;
  /** The value in the spelling of a YAML file. `base` is the default, for kinds that merge. */
  write(value: V, base?: V): unknown;
  /** Present where a value can have secrets in it: the same, in the spelling of a file or as given, with a mask in their place. */
  mask?(written: unknown): unknown;
}

export type DurationKind = Kind<number> & { readonly unit: 'ms' };
export type SizeKind = Kind<number> & { readonly unit: 'bytes' };

/** The end of a message about a wrong value. Never for secrets. */
export function mismatch(expected: string, found: unknown): string {
  return `expected ${expected}, found ${describe(found)}`;
}

function describe(found: unknown): string {
  if (found === undefined || found === null || found === '') return 'nothing';
  if (typeof found === 'string') return quote(found);
  if (Array.isArray(found)) return 'a list';
  return typeof found === 'object' ? 'a map' : String(found);
}

/** In double quotes, control characters escaped, not longer than a line. */
export function quote(given: string): string {
  return JSON.stringify(given.length > 60 ? `${given.slice(0, 60)}…` : given);
}

export function isRecord(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
