import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** A process that nobody can have go on again is not stopped by the signal: it has this long to be. */
const patienceMs = 300;

/** Stops this process and those of its job, as Ctrl-Z does, until the shell has it go on. Undefined where there are no jobs (Windows). */
export const stopProcess: (() => Promise<void>) | undefined =
  constants.signals.SIGTSTP === undefined || process.platform === 'win32'
    ? undefined
    : async () => {
        const aborter = new AbortController();
        const goOn = () => aborter.abort();
        process.once('SIGCONT', goOn);
        process.kill(0, 'SIGTSTP');
        await delay(patienceMs, undefined, { signal: aborter.signal }).catch(() => undefined);
        process.off('SIGCONT', goOn);
      };
