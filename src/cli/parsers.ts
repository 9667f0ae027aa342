import { InvalidArgumentError } from 'commander';
import { formatDuration, parseDuration } from '../config/units.ts';

/** `5s`, `500ms`, `1m` → milliseconds. Without a unit it is refused: `--timeout 5` means seconds to one and not to another. */
export function durationArg(text: string): number {
  const ms = readDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('Write a duration such as 5s or 500ms.');
  return ms;
}

function readDuration(text: string): number | undefined {
  return /[a-z]\s*$/.test(text) ? parseDuration(text) : undefined;
}

/** A duration with both ends; `least` and `most` are milliseconds. */
export function durationWithin({ least, most }: { readonly least: number; readonly most: number }) {
  return (text: string): number => {
    const ms = readDuration(text);
    if (ms !== undefined && ms >= least && ms <= most) return ms;
    throw new InvalidArgumentError(
      `Write a duration from ${formatDuration(least)} to ${formatDuration(most)}, such as 90m or 30d.`,
    );
  };
}

const leastIntervalMs = 100;

/** The time between two samples: more than ten a second nobody can read. */
export function intervalArg(text: string): number {
  const ms = durationArg(text);
  if (ms < leastIntervalMs) throw new InvalidArgumentError(`Write ${leastIntervalMs}ms or longer.`);
  return ms;
}

/** A whole number from `least` to `most`. */
export function integerArg(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Write a whole number ${range}.`);
  };
}

const secondsOf = { s: 1, m: 60, h: 3600 } as const;

/** `200/s`, `10/m`, `1/h`, or a number alone, which is a second → a second. */
export function rateArg(text: string): number {
  const [, count = '', unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/.exec(text) ?? [];
  const perSecond = Number(count) / secondsOf[unit as keyof typeof secondsOf];
  if (perSecond > 0 && perSecond <= 1_000_000) return perSecond;
  throw new InvalidArgumentError('Write a rate such as 200/s, 10/m or 200.');
}

/** An int64 as text: it never becomes a JavaScript number. */
export function int64Arg(text: string): string {
  if (!/^-?\d{1,19}$/.test(text) || BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) {
    throw new InvalidArgumentError('Write a whole number of 64 bits.');
  }
  return String(BigInt(text));
}

/** A repeatable option. */
export function collectArg(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/** A repeatable option that also takes a list separated by commas. */
export function listArg(text: string, before: readonly string[] | undefined): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.includes('')) throw new InvalidArgumentError('Write names separated by commas, none of them empty.');
  return [...(before ?? []), ...items];
}

/** `key=value`, repeatable; a later value of the same key wins. */
export function entryArg(text: string, before: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError('Write key=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
