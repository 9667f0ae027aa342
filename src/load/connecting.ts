import type { Clock } from './clock.ts';
import type { Pace } from './thread-protocol.ts';

/**
 * Starts clients: at most `concurrency` at the same time, and with `perSecond` none before its time, which counts from the first call of `start`. A client
 * that was asked to come again does so after its wait, and is still the same connection in the figures.
 */
export interface Connecting {
  start(): void;
  /** One of those that were started has come to an end, good or bad. */
  settle(): void;
  /** Again, after so long; instead of `settle`. */
  again(index: number, afterMs: number): void;
  stop(): void;
}

export interface ConnectingOptions {
  readonly count: number;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly open: (index: number, intendedMs: number) => void;
}

export function createConnecting({ count, pace, clock, open }: ConnectingOptions): Connecting {
  const { concurrency, perSecond } = pace;
  let startedMs = 0;
  let next = 0;
  let underWay = 0;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const waits = new Set<NodeJS.Timeout>();
  const intendedOf = new Map<number, number>();

  const pump = () => {
    while (!isStopped && next < count && underWay < concurrency) {
      const now = clock();
      const dueMs = perSecond === undefined ? now : startedMs + (next * 1000) / perSecond;
      if (dueMs > now) {
        clearTimeout(timer);
        timer = setTimeout(pump, Math.ceil(dueMs - now));
        return;
      }
      underWay++;
      open(next++, dueMs);
    }
  };
  return {
    start() {
      startedMs = clock();
      pump();
    },
    settle() {
      underWay--;
      pump();
    },
    again(index, afterMs) {
      underWay--;
      const intended = intendedOf.get(index) ?? clock();
      intendedOf.set(index, intended);
      const wait = setTimeout(() => {
        waits.delete(wait);
        underWay++;
        open(index, intended);
      }, afterMs);
      waits.add(wait);
      pump();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
      for (const wait of waits) clearTimeout(wait);
    },
  };
}
