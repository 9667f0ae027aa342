import type { Connection } from '../registry/connection.ts';

const stepMs = 20;
/** At least so often it looks whether anybody is left. */
const lookMs = 1000;
/** At their own pace this many are closed a second, more only where the duration forces it. */
const closesPerSecond = 500;
/** A rate that was asked for is made up for when the loop ran late, but not for longer than this: a node that stood still sends no herd. */
const mostMadeUpMs = 1000;

export interface PacedOptions {
  readonly durationMs: number;
  /** `duration`: few clients are spread over all of it as well; `rate`: few are closed sooner, 500 a second; `perSecond`: however long it takes. */
  readonly pace: 'duration' | 'rate' | { readonly perSecond: number };
  /** Aborted: the rest is closed at once. */
  readonly hurry?: AbortSignal;
  /** Aborted: the rest is left alone. */
  readonly cancel?: AbortSignal;
  /** Told to the clients; absent: that the node is shutting down. */
  readonly reason?: string;
  /** A clock that never jumps, in milliseconds. */
  readonly now?: () => number;
}

/**
 * Closes connections with 4001 in random order, spread evenly over at most `durationMs`, so that they do not all come back
 * in the same moment. A loop that runs late catches up instead of taking longer, but for `perSecond`. Nobody waits for the turn of those that have gone by
 * themselves.
 */
export async function closePaced(
  connections: readonly Connection[],
  { durationMs, pace, hurry, cancel, reason, now = () => performance.now() }: PacedOptions,
): Promise<void> {
  const order = shuffled(connections);
  const spreadMs = spreadOf(order.length, pace, durationMs);
  const perMs = order.length / Math.max(1, spreadMs);
  let started = now();
  for (let closed = 0; closed < order.length && cancel?.aborted !== true; ) {
    const lateMs = now() - started - closed / perMs;
    if (typeof pace === 'object' && lateMs > mostMadeUpMs) started += lateMs - mostMadeUpMs;
    // Whoever is due within the coming step is closed at its beginning.
    const due = Math.ceil((now() - started + stepMs) * perMs);
    const upTo = hurry?.aborted === true ? order.length : Math.min(order.length, Math.max(closed, due));
    for (const connection of order.slice(closed, upTo)) connection.close('going_away', reason);
    closed = upTo;
    while (order[closed]?.isOpen === false) closed += 1;
    if (closed === order.length) return;
    const untilNextMs = closed / perMs - (now() - started);
    await pause(Math.min(lookMs, Math.max(stepMs, untilNextMs)), hurry, cancel);
  }
}

function spreadOf(clients: number, pace: PacedOptions['pace'], durationMs: number): number {
  if (pace === 'duration') return durationMs;
  if (pace === 'rate') return Math.min(durationMs, (clients / closesPerSecond) * 1000);
  return (clients / pace.perSecond) * 1000;
}

/** Resolves after `ms`, or when one of the signals aborts. */
export function pause(ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener('abort', done);
      resolve();
    }
    for (const signal of signals) signal?.addEventListener('abort', done);
    if (signals.some((signal) => signal?.aborted === true)) done();
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
