import type { RedisClient } from '../../../backends/redis-script.ts';
import type { TakeBatch } from '../source.ts';
import { every } from './every.ts';
import { type Poison, poisonIn } from './parking.ts';
import type { StreamRecord } from './stream-entry.ts';
import type { StreamLease } from './stream-lease.ts';
import { giveUntilTaken } from './until-taken.ts';

export interface StreamReignOptions {
  readonly client: RedisClient;
  readonly lease: StreamLease;
  readonly stream: string;
  readonly group: string;
  readonly leaseMs: number;
  readonly next: (signal: AbortSignal) => Promise<readonly StreamRecord[] | undefined>;
  readonly take: TakeBatch;
  /** Resolves with whether all of it was put aside. */
  readonly park: (poison: readonly Poison<StreamRecord>[], signal: AbortSignal) => Promise<boolean>;
  /** Ids of what is to be acknowledged: those whose acknowledgement is not known to have arrived stay in it. */
  readonly due: string[];
}

/**
 * Hands on what is read, as long as the lease is held: one batch at a time, the next one being read meanwhile. Resolves when the lease was lost or it was aborted, in any
 * case after what was under way has ended. Rejects with what Redis said.
 */
export async function reign(options: StreamReignOptions, outer: AbortSignal): Promise<void> {
  const { lease, leaseMs, next, due } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([outer, over.signal]);
  const end = () => over.abort();
  const renew = async (): Promise<void> => {
    // Where Redis does not answer another try may do, until the lease is over.
    await lease.renew().catch(() => {});
    if (!lease.isHeld) end();
  };
  every(leaseMs / 5, () => void renew(), signal);
  try {
    let reading = next(signal);
    for (;;) {
      const batch = await reading;
      if (batch === undefined || signal.aborted) return;
      reading = next(signal);
      // Looked at after what is under way.
      reading.catch(() => {});
      // After a standstill it is another that hands on.
      if (!lease.isHeld) return;
      due.push(...(await handOn(batch, options, signal)));
      await acknowledge(options);
    }
  } finally {
    end();
  }
}

/** The ids of what is done with. */
async function handOn(
  batch: readonly StreamRecord[],
  { take, park }: StreamReignOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const verdicts = await giveUntilTaken(batch, { take, signal });
  if (verdicts === undefined) return [];
  const isParked = await park(poisonIn(batch, verdicts), signal);
  return batch.filter((_, at) => isParked || verdicts[at]?.is === 'done').map(({ id }) => id);
}

/** What was handed on is not to come again, whoever reads now. */
export async function acknowledge({
  client,
  stream,
  group,
  due,
}: Pick<StreamReignOptions, 'client' | 'stream' | 'group' | 'due'>): Promise<void> {
  if (due.length === 0) return;
  const ids = [...due];
  await client.xack(stream, group, ...ids);
  due.splice(0, ids.length);
}
