import { setTimeout as pause } from 'node:timers/promises';

/** Waits for it, but no longer. */
export async function atMost(ms: number, done: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([done, pause(ms, undefined, { signal: over.signal }).catch(() => {})]);
  over.abort();
}
