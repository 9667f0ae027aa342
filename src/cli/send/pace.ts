import { setTimeout as sleep } from 'node:timers/promises';

export interface PaceOptions {
  /** Messages a second; absent: as fast as they are taken. */
  readonly perSecond: number | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds, for tests. */
  readonly now?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** What may be caught up after something took longer than its turn; the rest of a pause is lost, or a pause would become a burst. */
const catchUpMs = 100;

/**
 * Gives each message its turn: `next` resolves when it is due, or the signal has come. Turns are counted from the first one, so that what a timer is late
 * does not add up.
 */
export function createPace({ perSecond, signal, now = performance.now.bind(performance), wait = pause }: PaceOptions) {
  const intervalMs = perSecond === undefined ? 0 : 1000 / perSecond;
  let due: number | undefined;
  return {
    async next(): Promise<void> {
      if (intervalMs === 0) return;
      const at = now();
      due = due === undefined ? at : Math.max(due + intervalMs, at - catchUpMs);
      if (due > at) await wait(due - at, signal);
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
