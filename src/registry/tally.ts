import type { DropReason } from '../api/receipt.ts';

/** What became of one message on its way to one connection. */
export type Outcome = 'sent' | 'queued' | DropReason;

/** What one message met on this node. `delivered` = sent + queued; `matched` = delivered + the sum of dropped. */
export interface FanoutResult {
  readonly matched: number;
  readonly delivered: number;
  /** Of the delivered, those that wait in this process behind bytes the kernel has not taken. */
  readonly queued: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

export const nothing: FanoutResult = { matched: 0, delivered: 0, queued: 0, dropped: {} };

/** Adds up what two parts of a delivery dropped. */
export function addDropped(to: Partial<Record<DropReason, number>>, from: FanoutResult['dropped']): void {
  for (const reason of Object.keys(from) as DropReason[]) to[reason] = (to[reason] ?? 0) + (from[reason] ?? 0);
}

/**
 * Counts outcomes for a row of messages that many connections get whole or a part of. A connection costs the same however many
 * messages it got: parts are kept as differences between neighbours.
 */
export class Tally {
  readonly #whole = new Map<Outcome, number>();
  readonly #parts = new Map<Outcome, number[]>();

  /** So many connections got all messages. */
  addWhole(outcome: Outcome, connections: number): void {
    if (connections > 0) this.#whole.set(outcome, (this.#whole.get(outcome) ?? 0) + connections);
  }

  /** One connection met this with the messages from `from` to `to`, which is not one of them. */
  addPart(outcome: Outcome, from: number, to: number): void {
    let differences = this.#parts.get(outcome);
    if (differences === undefined) {
      differences = [];
      this.#parts.set(outcome, differences);
    }
    differences[from] = (differences[from] ?? 0) + 1;
    differences[to] = (differences[to] ?? 0) - 1;
  }

  /** The result of each of `messages` messages. */
  results(messages: number): FanoutResult[] {
    if (this.#parts.size === 0) return new Array<FanoutResult>(messages).fill(resultOf(this.#whole));
    const parts = [...this.#parts].map(([outcome, differences]) => ({ outcome, differences, sum: 0 }));
    return Array.from({ length: messages }, (_, at) => {
      const counts = new Map(this.#whole);
      for (const part of parts) {
        part.sum += part.differences[at] ?? 0;
        if (part.sum > 0) counts.set(part.outcome, (counts.get(part.outcome) ?? 0) + part.sum);
      }
      return resultOf(counts);
    });
  }
}

function resultOf(counts: ReadonlyMap<Outcome, number>): FanoutResult {
  const sent = counts.get('sent') ?? 0;
  const queued = counts.get('queued') ?? 0;
  let matched = sent + queued;
  const dropped: Partial<Record<DropReason, number>> = {};
  for (const [outcome, count] of counts) {
    if (outcome === 'sent' || outcome === 'queued') continue;
    dropped[outcome] = count;
    matched += count;
  }
  return { matched, delivered: sent + queued, queued, dropped };
}
