/** Values below this have a bucket each; above, each power of two has half as many. */
const exact = 256;
const halfBits = 7;
/** Microseconds; anything longer counts as this. */
const largest = 2 ** 32 - 1;
const buckets = (32 - halfBits + 1) * (exact / 2);

/**
 * Whole microseconds in buckets that grow with the value, after Gil Tene's HdrHistogram: 0 to 255 exactly, then no bucket wider than 1/128 of
 * what is in it, so an answer is less than 1 % too high and never too low. Its counts may lie in memory that threads share; one thread writes.
 * (Those in the registry carry a decompressor and WebAssembly with them, and Node's own takes one value a call.)
 */
export class Histogram {
  static readonly bytes = buckets * 8;
  readonly #counts: Float64Array;

  /** `memory`: of `Histogram.bytes`, zero or as another thread left it. */
  constructor(memory: ArrayBufferLike = new ArrayBuffer(Histogram.bytes)) {
    this.#counts = new Float64Array(memory);
  }

  record(micros: number, count = 1): void {
    const value = micros > largest ? largest : micros < 0 ? 0 : micros;
    const at = bucketOf(Math.floor(value));
    this.#counts[at] = (this.#counts[at] as number) + count;
  }

  add(other: Histogram): void {
    for (const [at, count] of other.#counts.entries()) this.#counts[at] = (this.#counts[at] as number) + count;
  }

  clear(): void {
    this.#counts.fill(0);
  }

  get count(): number {
    return this.#counts.reduce((sum, each) => sum + each, 0);
  }

  get max(): number {
    return topOf(this.#counts.findLastIndex((count) => count > 0));
  }

  get mean(): number {
    const total = this.#counts.reduce((sum, count, at) => sum + count * topOf(at), 0);
    return total / Math.max(1, this.count);
  }

  /** Microseconds that `percent` of the values do not exceed; 0 where there are none. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.ceil((this.count * percent) / 100));
    let seen = 0;
    const at = this.#counts.findIndex((count) => {
      seen += count;
      return seen >= wanted;
    });
    return topOf(at);
  }
}

function bucketOf(value: number): number {
  if (value < exact) return value;
  const shift = 32 - Math.clz32(value) - (halfBits + 1);
  return shift * (exact / 2) + (value >>> shift);
}

/** The largest value in a bucket. */
function topOf(at: number): number {
  if (at < exact) return Math.max(0, at);
  const shift = Math.floor(at / (exact / 2)) - 1;
  return (at - shift * (exact / 2) + 1) * 2 ** shift - 1;
}
