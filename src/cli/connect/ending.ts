import { exitCodes } from '../../api/errors.ts';

export interface EndingOptions {
  readonly expect?: RegExp | undefined;
  /** Frames, the greeting and the answer to the bind not counted. */
  readonly frames?: number | undefined;
}

/** Decides after which frame a connection has done what it was for. */
export interface Ending {
  /** The exit code as soon as there is one. */
  onFrame(json: string, isCounted: boolean): number | undefined;
  /** The time given is over. */
  onTime(): number;
  /** The connection was closed by the other side; `exit` is what its code means. */
  onClose(exit: number): number;
}

export function createEnding({ expect, frames }: EndingOptions): Ending {
  let counted = 0;
  return {
    onFrame(json, isCounted) {
      if (expect?.test(json) === true) return exitCodes.done;
      if (isCounted) counted++;
      if (frames === undefined || counted < frames) return undefined;
      return expect === undefined ? exitCodes.done : exitCodes.failed;
    },
    onTime: () => (expect === undefined ? exitCodes.done : exitCodes.timedOut),
    onClose: (exit) => (expect !== undefined && exit === exitCodes.done ? exitCodes.failed : exit),
  };
}
