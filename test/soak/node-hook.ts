/**
 * `node --expose-gc --import node-hook.ts src/main.ts serve …` tells its parent, when asked, what it holds after a garbage
 * collection.
 */
import { readdirSync } from 'node:fs';
import type { Held } from './verdict.ts';

process.on('message', (order: { readonly do?: string; readonly rounds?: number }) => {
  if (order.do !== 'measure') return;
  void measure(order.rounds ?? 2).then((held) => process.send?.({ held }));
});

/** Collected more than once: handles are given back by callbacks that run in between, and code is flushed when it is old. */
async function measure(rounds: number): Promise<Held> {
  for (let round = 0; round < rounds; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const countOf = (name: string) => resources.filter((resource) => resource === name).length;
  return {
    rss,
    heapUsed,
    external,
    descriptors: readdirSync('/proc/self/fd').length,
    sockets: countOf('TCPSocketWrap'),
    timers: countOf('Timeout'),
  };
}
