import type { CliContext } from '../context.ts';
import { createProgress } from './progress.ts';

const drawIntervalMs = 100;

/** A bar on a terminal; nothing anywhere else. */
export interface LiveProgress {
  /** Shows what `state` says (how far from 0 to 1, and in words), ten times a second until it is disposed of. */
  follow(state: () => readonly [done: number, text: string]): Disposable;
  /** Makes room for a line; the bar is drawn again below it. */
  clear(): void;
}

export function createLiveProgress({ stderr, globals }: CliContext): LiveProgress {
  const isShown = stderr.isTTY === true && globals.quiet !== true;
  const bar = createProgress(stderr, !isShown);
  return {
    clear: () => bar.clear(),
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
