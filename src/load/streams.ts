import type { SentStreams } from './stream-verifier.ts';

/**
 * Who sends to whom. A lane is one connection and sends one thing after the other, so that what goes through it to one target is a stream with an
 * order. With more targets than lanes each target has one lane; with fewer, several lanes share one.
 */
export interface StreamPlan {
  readonly targets: number;
  readonly lanes: number;
  /** For each target. */
  readonly lanesPerTarget: number;
}

export function planStreams(targets: number, lanes: number): StreamPlan {
  return { targets, lanes, lanesPerTarget: targets >= lanes ? 1 : Math.ceil(lanes / targets) };
}

/** The target and the stream's lane of the `turn`th message of a lane. */
export function streamOf(
  plan: StreamPlan,
  lane: number,
  turn: number,
): { readonly target: number; readonly lane: number } {
  const { targets, lanes } = plan;
  if (targets < lanes) return { target: lane % targets, lane: Math.floor(lane / targets) };
  const own = Math.floor((targets - lane - 1) / lanes) + 1;
  return { target: lane + lanes * (turn % own), lane: 0 };
}

/** Counts the messages of every stream, and remembers those that the server may not have taken. */
export class StreamCounter {
  readonly #plan: StreamPlan;
  readonly #counts: Uint32Array;
  readonly #uncertain = new Map<number, Set<number>>();

  constructor(plan: StreamPlan) {
    this.#plan = plan;
    this.#counts = new Uint32Array(plan.targets * plan.lanesPerTarget);
  }

  next(target: number, lane: number): number {
    const stream = target * this.#plan.lanesPerTarget + lane;
    const sequence = this.#counts[stream] as number;
    this.#counts[stream] = sequence + 1;
    return sequence;
  }

  doubt(target: number, lane: number, sequence: number): void {
    const stream = target * this.#plan.lanesPerTarget + lane;
    const doubted = this.#uncertain.get(stream) ?? new Set();
    this.#uncertain.set(stream, doubted.add(sequence));
  }

  get sent(): SentStreams {
    return { counts: this.#counts, uncertain: this.#uncertain };
  }

  /** How many deliveries the messages that were taken make, where a target has so many receivers. */
  deliveries(receiversOf: readonly number[]): number {
    let sum = 0;
    for (const [stream, count] of this.#counts.entries()) {
      const receivers = receiversOf[Math.floor(stream / this.#plan.lanesPerTarget)] ?? 0;
      sum += receivers * (count - (this.#uncertain.get(stream)?.size ?? 0));
    }
    return sum;
  }
}
