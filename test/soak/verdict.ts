/** What the node under test holds, in bytes and pieces, after a garbage collection. */
export interface Held {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly descriptors: number;
  readonly sockets: number;
  readonly timers: number;
}

export interface Sample extends Held {
  /** Since the load was whole. */
  readonly atMs: number;
  /** Those that have not bound yet too. */
  readonly connections: number;
}

/** One line of the verdict. */
export interface Check {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** The largest `last` that passes. */
  readonly allowed: number;
  readonly ok: boolean;
  readonly isBytes: boolean;
}

const MIB = 2 ** 20;

/**
 * How much more the last third may hold than the first: a share for noise that grows with size, and an amount for compiled
 * code and grown tables. Of descriptors and sockets what counts is those beyond the connections, of which the share is taken.
 */
const room = {
  heapUsed: { share: 0.05, more: 3 * MIB },
  external: { share: 0.1, more: 4 * MIB },
  rss: { share: 0.1, more: 96 * MIB },
  descriptors: { share: 0.05, more: 16 },
  sockets: { share: 0.05, more: 16 },
  timers: { share: 0.05, more: 32 },
} as const satisfies Record<keyof Held, { share: number; more: number }>;

const bytes: ReadonlySet<string> = new Set(['heapUsed', 'external', 'rss']);

/** Medians of the first and the last third of the samples, the first quarter of all left out: caches fill in it. */
export function flatness(samples: readonly Sample[]): Check[] {
  const steady = samples.slice(Math.floor(samples.length / 4));
  const third = Math.max(1, Math.floor(steady.length / 3));
  const connections = median(steady.map((sample) => sample.connections));
  return heldNames.map((name) => {
    const isPerConnection = name === 'descriptors' || name === 'sockets';
    const figureOf = (sample: Sample) => sample[name] - (isPerConnection ? sample.connections : 0);
    const first = median(steady.slice(0, third).map(figureOf));
    const last = median(steady.slice(-third).map(figureOf));
    const label = isPerConnection ? `${name} beyond connections` : name;
    return check(`${label}, first and last third`, name, first, last, isPerConnection ? connections : first);
  });
}

/** What is still held when all have gone, against what was held before they came. */
export function givenBack(before: Held, after: Held): Check[] {
  // The resident size does not come back: the allocator keeps pages.
  const names = heldNames.filter((name) => name !== 'rss');
  return names.map((name) => check(`${name}, before and after`, name, before[name], after[name]));
}

/** Something that must not have happened at all. */
export function never(name: string, count: number): Check {
  return { name, first: 0, last: count, allowed: 0, ok: count === 0, isBytes: false };
}

function check(name: string, of: keyof Held, first: number, last: number, size = first): Check {
  const allowed = Math.round(first + size * room[of].share + room[of].more);
  return { name, first, last, allowed, ok: last <= allowed, isBytes: bytes.has(of) };
}

const heldNames = Object.keys(room) as (keyof Held)[];

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
