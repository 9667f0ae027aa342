/** The server's side of the bench: says its port, then answers each message with what it has used so far. */
export interface Usage {
  readonly cpuMs: number;
  /** Of that, in the kernel. */
  readonly systemMs: number;
  readonly rssBytes: number;
}

export function answerCpu(port: number): void {
  process.on('message', (asked) => {
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
