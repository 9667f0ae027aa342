import { TimingWheel } from '../../src/util/timing-wheel.ts';

/** A wheel of 100 ms a tick that is not started, with what its items threw. */
export function createWheel(buckets?: number) {
  const faults: unknown[] = [];
  const onFault = (error: unknown) => void faults.push(error);
  const wheel = new TimingWheel({ tickMs: 100, onFault, ...(buckets !== undefined && { buckets }) });
  const advance = (ticks: number) => {
    for (let n = 0; n < ticks; n += 1) wheel.tick();
  };
  return { wheel, faults, advance };
}
