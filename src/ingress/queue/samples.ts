import { createRate, take } from '../../util/rate.ts';
import type { QueueRecord } from './source.ts';

/** Lines of the log about records that cannot be used. */
const perSecond = 0.2;
const burst = 5;
const sampleBytes = 200;

export interface SamplesOptions {
  readonly door: string;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
  readonly now?: () => number;
}

export type Samples = (record: QueueRecord, reason: string) => void;

/** Shows what a door could not use in the log: five at once, then one every five seconds, which says how many it stands for. */
export function createSamples({ door, warn, now = () => performance.now() }: SamplesOptions): Samples {
  const rate = createRate({ perSecond, burst });
  let fullAt = 0;
  let unsaid = 0;
  return ({ id, body }, reason) => {
    const next = take(rate, fullAt, now());
    if (next === undefined) {
      unsaid += 1;
      return;
    }
    fullAt = next;
    const more = unsaid === 0 ? {} : { notShown: unsaid };
    unsaid = 0;
    const sample = body.subarray(0, sampleBytes).toString();
    warn({ door, id, reason, bytes: body.length, sample, ...more }, 'a record of a queue cannot be used');
  };
}
