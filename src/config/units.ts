const msOf: ReadonlyMap<string, number> = new Map([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]);

const bytesOf: ReadonlyMap<string, number> = new Map([
  ['gib', 1024 ** 3],
  ['mib', 1024 ** 2],
  ['kib', 1024],
  ['gb', 1e9],
  ['mb', 1e6],
  ['kb', 1e3],
  ['b', 1],
]);

/** `10s`, `250ms`, `1.5h`, `5m`, `1d`, or digits alone for milliseconds → whole milliseconds; undefined if it is neither. */
export function parseDuration(text: string): number | undefined {
  return parseQuantity(text, msOf);
}

/** `64KiB`, `1MiB`, `10MB` (decimal), in any case, or digits alone for bytes → whole bytes; undefined if it is neither. */
export function parseSize(text: string): number | undefined {
  return parseQuantity(text.toLowerCase(), bytesOf);
}

/** The shortest spelling that loses nothing: 25000 → `25s`, 250 → `250ms`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  for (const [unit, factor] of msOf) if (ms % factor === 0) return `${ms / factor}${unit}`;
  return `${ms}ms`;
}

/** The shortest binary spelling that loses nothing: 65536 → `64KiB`, 1000 → `1000B`. */
export function formatSize(bytes: number): string {
  if (bytes !== 0) {
    for (const unit of ['GiB', 'MiB', 'KiB']) {
      const factor = bytesOf.get(unit.toLowerCase()) ?? 1;
      if (bytes % factor === 0) return `${bytes / factor}${unit}`;
    }
  }
  return `${bytes}B`;
}

function parseQuantity(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s?([a-z]*)$/.exec(text.trim());
  if (match === null) return undefined;
  const [, digits = '', unit = ''] = match;
  const factor = unit === '' ? 1 : units.get(unit);
  if (factor === undefined) return undefined;
  const amount = Number(digits) * factor;
  return Number.isSafeInteger(amount) ? amount : undefined;
}
