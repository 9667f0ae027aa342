import { createProfiler } from './profiler.ts';

export interface Usage {
  readonly cpuMs: number;
  /** Of that, in the kernel. */
  readonly systemMs: number;
  readonly rssBytes: number;
}

/** What a server is asked: `cpu` is `usage` without a collection of garbage before; the answer to `stopProfile` is what V8 saw. */
export type CpuQuestion = 'usage' | 'cpu' | 'startProfile' | 'stopProfile';

/** The server's side of the bench: says its port, then answers each message, as a rule with what it has used so far. */
export function answerCpu(port: number): void {
  const profiler = createProfiler();
  process.on('message', async (asked: CpuQuestion) => {
    if (asked === 'startProfile') {
      await profiler.start();
      process.send?.('started');
      return;
    }
    if (asked === 'stopProfile') {
      process.send?.(await profiler.stop());
      return;
    }
    // Asked for `cpu` alone: a collection of everything would be in the figure.
    if (asked !== 'cpu') globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    process.send?.({
      cpuMs: (user + system) / 1000,
      systemMs: system / 1000,
      rssBytes: process.memoryUsage.rss(),
    } satisfies Usage);
  });
  // Ends with whoever asks; an exit of its own is what writes the profile of --cpu-prof.
  process.once('disconnect', () => process.exit());
  process.send?.({ port });
}
