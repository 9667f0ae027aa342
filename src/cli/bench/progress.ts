import type { CliContext } from '../context.ts';
import { createProgress } from '../output/progress.ts';

const drawIntervalMs = 100;

/** A bar on a terminal; nothing anywhere else. */
export interface BenchProgress {
  /** Shows what `state` says (how far from 0 to 1, and in words), ten times a second until it is disposed of. */
  follow(state: () => readonly [done: number, text: string]): Disposable;
}

export function createBenchProgress({ stderr, globals }: CliContext): BenchProgress {
  const isShown = stderr.isTTY === true && globals.quiet !== true;
  const bar = createProgress(stderr, !isShown);
  return {
    follow(state) {
      if (!isShown) return { [Symbol.dispose]: () => {} };
      const draw = () => bar.show(...state());
      draw();
      const timer = setInterval(draw, drawIntervalMs);
      return {
        [Symbol.dispose]() {
          clearInterval(timer);
          bar.clear();
        },
      };
    },
  };
}
