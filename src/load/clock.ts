/** Milliseconds on the clock of the system that is never set back: the same in every thread and process of this machine. */
export type Clock = () => number;

export function createClock(): Clock {
  const offset = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  return () => performance.now() + offset;
}
