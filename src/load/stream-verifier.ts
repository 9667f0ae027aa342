/** What became of messages that a server has taken. */
export interface Verdict {
  /** Of its own target, each once. */
  received: number;
  duplicated: number;
  /** Came after a later one of their stream. */
  outOfOrder: number;
  /** For somebody else, or of a lane that does not exist. */
  misdelivered: number;
}

/** What was sent: for each stream (`target * lanes + lane`) how many, and those of them that the server did not take for sure. */
export interface SentStreams {
  readonly counts: Uint32Array;
  readonly uncertain: ReadonlyMap<number, ReadonlySet<number>>;
}

export interface VerifierOptions {
  readonly receivers: number;
  readonly lanes: number;
  /** Of each receiver; -1: it must see nothing. */
  readonly targetOf: Int32Array;
}

/**
 * Follows every stream at every receiver: a number each, and the gaps where there are some. A gap that is filled later was out of order, and what is
 * there at the end is lost.
 */
export class StreamVerifier {
  readonly verdict: Verdict = { received: 0, duplicated: 0, outOfOrder: 0, misdelivered: 0 };
  readonly #options: VerifierOptions;
  readonly #targetOf: Int32Array;
  readonly #lanes: number;
  readonly #next: Uint32Array;
  /** By receiver and lane: `[from, to)` that have not come, in order. */
  readonly #gaps = new Map<number, [from: number, to: number][]>();

  constructor(options: VerifierOptions) {
    this.#options = options;
    this.#targetOf = options.targetOf;
    this.#lanes = options.lanes;
    this.#next = new Uint32Array(options.receivers * options.lanes);
  }

  see(receiver: number, target: number, lane: number, sequence: number): void {
    if (this.#targetOf[receiver] !== target || lane >= this.#lanes) {
      this.verdict.misdelivered++;
      return;
    }
    const slot = receiver * this.#lanes + lane;
    const expected = this.#next[slot] as number;
    if (sequence === expected) {
      this.#next[slot] = sequence + 1;
      this.verdict.received++;
    } else this.#surprise(slot, expected, sequence);
  }

  #surprise(slot: number, expected: number, sequence: number): void {
    const gaps = this.#gaps.get(slot) ?? [];
    if (sequence > expected) {
      gaps.push([expected, sequence]);
      this.#gaps.set(slot, gaps);
      this.#next[slot] = sequence + 1;
      this.verdict.received++;
      return;
    }
    const at = gaps.findIndex(([from, to]) => sequence >= from && sequence < to);
    const gap = gaps[at];
    if (gap === undefined) {
      this.verdict.duplicated++;
      return;
    }
    this.verdict.outOfOrder++;
    this.verdict.received++;
    const [from, to] = gap;
    const left: [number, number][] = [];
    if (from < sequence) left.push([from, sequence]);
    if (sequence + 1 < to) left.push([sequence + 1, to]);
    gaps.splice(at, 1, ...left);
    if (gaps.length === 0) this.#gaps.delete(slot);
  }

  /** Messages that were sent to these receivers, taken by the server, and have not come. */
  lost(sent: SentStreams, isCounted: (receiver: number) => boolean = () => true): number {
    let lost = 0;
    for (let receiver = 0; receiver < this.#options.receivers; receiver++) {
      const target = this.#targetOf[receiver] as number;
      if (target < 0 || !isCounted(receiver)) continue;
      for (let lane = 0; lane < this.#lanes; lane++) {
        const stream = target * this.#lanes + lane;
        const uncertain = sent.uncertain.get(stream);
        const slot = receiver * this.#lanes + lane;
        const next = this.#next[slot] as number;
        const missing = [...(this.#gaps.get(slot) ?? []), [next, sent.counts[stream] ?? 0] as const];
        for (const [from, to] of missing) lost += Math.max(0, to - from) - within(uncertain, from, to);
      }
    }
    return lost;
  }
}

function within(sequences: ReadonlySet<number> | undefined, from: number, to: number): number {
  let count = 0;
  for (const each of sequences ?? []) if (each >= from && each < to) count++;
  return count;
}
