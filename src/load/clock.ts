/** Milliseconds on the clock of the system that is never set back: the same in every thread and process of this machine. */
export type Clock = () => number;

/** The two clocks cannot be read at one instant; of so many readings the one in the narrowest gap is right to a microsecond or so. */
const readings = 50;

export function createClock(): Clock {
  let offset = 0;
  let narrowest = Number.POSITIVE_INFINITY;
  for (let reading = 0; reading < readings; reading++) {
    const before = performance.now();
    const system = process.hrtime.bigint();
    const gap = performance.now() - before;
    if (gap >= narrowest) continue;
    narrowest = gap;
    offset = Number(system) / 1e6 - (before + gap / 2);
  }
  return () => performance.now() + offset;
}
