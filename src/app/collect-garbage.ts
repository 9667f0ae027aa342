import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * A full collection of the JavaScript heap, now: some milliseconds, and more than a second where gigabytes live. V8 collects when
 * something is allocated, so a node that refuses everybody for want of room could keep its garbage for ever.
 */
export function createCollectGarbage(): () => void {
  let collect: (() => void) | undefined;
  return () => {
    collect ??= exposedGc();
    collect();
  };
}

/** V8 puts `gc` into contexts that are made while the flag is set. */
function exposedGc(): () => void {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('gc') as () => void;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
