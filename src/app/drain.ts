import type { Connection } from '../registry/connection.ts';

const stepMs = 20;
/** Few clients are closed at once, many over the whole duration: never more than this rate unless the duration forces it. */
const closesPerSecond = 500;

/**
 * Closes connections with 4001 in random order, spread over at most `durationMs`, so that they do not all come back in the
 * same moment. `hurry` aborted: the rest at once.
 */
export async function closePaced(
  connections: readonly Connection[],
  durationMs: number,
  hurry: AbortSignal,
): Promise<void> {
  const order = shuffled(connections);
  const spreadMs = Math.min(durationMs, (order.length / closesPerSecond) * 1000);
  const perStep = Math.max(1, Math.ceil(order.length / Math.max(1, spreadMs / stepMs)));
  for (let next = 0; next < order.length; next += perStep) {
    for (const connection of order.slice(next, hurry.aborted ? undefined : next + perStep))
      connection.close('going_away');
    if (hurry.aborted) return;
    if (next + perStep < order.length) await pause(stepMs, hurry);
  }
}

/** Resolves after `ms`, or when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[]): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}
