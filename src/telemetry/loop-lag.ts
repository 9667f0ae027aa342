import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 20;

export interface LoopLag {
  readonly mean: number;
  readonly p99: number;
  readonly max: number;
}

/** How late the event loop runs, in milliseconds beyond the sampling interval, over windows of `windowMs`. */
export function createLoopLag(windowMs = 10_000): { read(): LoopLag; stop(): void } {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  const late = (ns: number) =>
    Number.isFinite(ns) ? Math.max(0, Math.round((ns / 1e6 - resolutionMs) * 100) / 100) : 0;
  const current = (): LoopLag =>
    histogram.count === 0
      ? { mean: 0, p99: 0, max: 0 }
      : { mean: late(histogram.mean), p99: late(histogram.percentile(99)), max: late(histogram.max) };
  let last: LoopLag | undefined;
  const timer = setInterval(() => {
    last = current();
    histogram.reset();
  }, windowMs);
  timer.unref();
  return {
    /** The worse of the last full window and the one under way. */
    read: () => {
      const now = current();
      return last === undefined || now.p99 >= last.p99 ? now : last;
    },
    stop: () => {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
