import type { Server } from 'node:http';

/** Earlier than this is no lateness worth counting. */
const leastMs = 100;

export interface ForgivenTimeouts {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly connectionsCheckingInterval: number;
}

/**
 * Node ends connections whose request is not whole in time by the clock, also where the whole of it waits in the socket of a
 * process that stood still. While the server listens, each check is preceded by a look at how late the loop has run: that
 * much longer everybody has.
 */
export function forgiveLateness(server: Server, timeouts: ForgivenTimeouts): void {
  const everyMs = timeouts.connectionsCheckingInterval;
  let timer: NodeJS.Timeout | undefined;
  // Before Node's own listener: of two intervals of one length the one that began first runs first.
  server.prependListener('listening', () => {
    let lates: { readonly at: number; readonly ms: number }[] = [];
    let last = performance.now();
    timer = setInterval(() => {
      const now = performance.now();
      const ms = now - last - everyMs;
      last = now;
      if (ms >= leastMs) lates.push({ at: now, ms });
      lates = lates.filter(({ at }) => now - at < timeouts.requestTimeout);
      const owedOver = (windowMs: number) =>
        lates.reduce((sum, late) => (now - late.at < windowMs ? sum + late.ms : sum), 0);
      server.headersTimeout = timeouts.headersTimeout + owedOver(timeouts.headersTimeout);
      server.requestTimeout = timeouts.requestTimeout + owedOver(timeouts.requestTimeout);
    }, everyMs);
    timer.unref();
  });
  server.on('close', () => clearInterval(timer));
}
