import { setTimeout as pause } from 'node:timers/promises';
import { backOffMs } from '../../../util/back-off.ts';
import type { QueueRecord, Verdict } from '../source.ts';

export interface Poison<R extends QueueRecord> {
  readonly record: R;
  readonly reason: string;
}

export interface ParkingOptions<R extends QueueRecord> {
  /** The door's name, in the log. */
  readonly door: string;
  /** Puts them among the dead letters. Rejects, within a few seconds, where not all were taken; then all are sent again. */
  send(poison: readonly Poison<R>[]): Promise<void>;
  /** Whether the source itself can be had: while it cannot, what is not parked waits. */
  isWorking(): boolean;
  /** After it, what cannot be parked is written into the log instead. */
  readonly withinMs: number;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
}

const backOff = { firstMs: 100, mostMs: 1000 };
/** Of a body in the log. */
const loggedBytes = 64 * 1024;

/** Puts poison aside, so that no record stops a door: among the dead letters, or where they are not to be had for long, into the log, whole. */
export class Parking<R extends QueueRecord> {
  readonly #options: ParkingOptions<R>;
  readonly #counts = { parked: 0, unparked: 0 };

  constructor(options: ParkingOptions<R>) {
    this.#options = options;
  }

  figures() {
    return { ...this.#counts };
  }

  /** Resolves with whether all of it was put aside. It is tried once at least, and not again once aborted. */
  async park(poison: readonly Poison<R>[], signal: AbortSignal): Promise<boolean> {
    const { send, isWorking, withinMs } = this.#options;
    if (poison.length === 0) return true;
    let failingSince: number | undefined;
    for (let tries = 0; tries === 0 || !signal.aborted; tries += 1) {
      try {
        await send(poison);
        this.#counts.parked += poison.length;
        return true;
      } catch (error) {
        const now = performance.now();
        failingSince = isWorking() ? (failingSince ?? now) : undefined;
        if (failingSince !== undefined && now - failingSince >= withinMs) {
          for (const one of poison) this.#log(one, error);
          return true;
        }
        await pause(backOffMs(Math.min(tries, 16), backOff), undefined, { signal }).catch(() => {});
      }
    }
    return false;
  }

  #log({ record: { id, body }, reason }: Poison<R>, error: unknown): void {
    this.#counts.unparked += 1;
    const failure = error instanceof Error ? error.message : String(error);
    const isWhole = body.length <= loggedBytes;
    const text = body.subarray(0, loggedBytes).toString('base64');
    const fields = { door: this.#options.door, id, reason, failure, bytes: body.length, isWhole, body: text };
    this.#options.warn(fields, 'a record that cannot be pushed could not be put among the dead letters: it is here');
  }
}

export function poisonIn<R extends QueueRecord>(batch: readonly R[], verdicts: readonly Verdict[]): Poison<R>[] {
  return batch.flatMap((record, at) => {
    const verdict = verdicts[at];
    return verdict?.is === 'poison' ? [{ record, reason: verdict.reason }] : [];
  });
}
