import { setTimeout as pause } from 'node:timers/promises';
import { backOffMs } from '../../../util/back-off.ts';
import type { QueueRecord, TakeBatch, Verdict } from '../source.ts';

const backOff = { firstMs: 50, mostMs: 2000 };

/** Gives a batch until it is taken, with growing pauses. Undefined: aborted before it was. What is being taken is waited for in any case. */
export async function giveUntilTaken(
  batch: readonly QueueRecord[],
  { take, signal }: { readonly take: TakeBatch; readonly signal: AbortSignal },
): Promise<readonly Verdict[] | undefined> {
  for (let tries = 0; !signal.aborted; tries += 1) {
    try {
      return await take(batch);
    } catch {
      // Whoever takes it has said why.
      await pause(backOffMs(Math.min(tries, 16), backOff), undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
}
