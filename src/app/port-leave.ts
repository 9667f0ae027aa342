import type { Logger } from '../telemetry/log.ts';
import type { Listeners } from './listeners.ts';

export interface PortLeaveOptions {
  readonly listeners: Pick<Listeners, 'leavePorts' | 'enterPorts'>;
  /** Whether another process behind these ports takes clients. Asked until one does. */
  readonly doOthersServe: () => Promise<boolean>;
  readonly log: Pick<Logger, 'error'>;
  readonly askEveryMs?: number;
}

/**
 * Ports that several processes listen on: the kernel gives each of them its part of those who come. One that takes nobody leaves the ports to the
 * others; the last one stays, for somebody has to say no.
 */
export interface PortLeave {
  leave(): void;
  enter(): void;
  /** What is under way ends where it is. */
  cancel(): void;
}

export function createPortLeave({ listeners, doOthersServe, log, askEveryMs = 1000 }: PortLeaveOptions): PortLeave {
  let wanted: 'left' | 'entered' | 'as it is' = 'as it is';
  let isBusy = false;
  let timer: NodeJS.Timeout | undefined;

  /** False: it is to be tried again. */
  async function leaveOnce(): Promise<boolean> {
    if (!(await doOthersServe().catch(() => false))) return false;
    if (wanted === 'left') await listeners.leavePorts();
    return true;
  }

  async function enterOnce(): Promise<boolean> {
    try {
      await listeners.enterPorts();
      return true;
    } catch (error) {
      log.error({ err: error, againInMs: askEveryMs }, 'a worker that was resumed does not get its ports');
      return false;
    }
  }

  /** One step at a time, until what is wanted is so. */
  async function goOn(): Promise<void> {
    isBusy = true;
    let isDone = false;
    for (let last = wanted; last !== 'as it is'; last = wanted) {
      isDone = last === 'left' ? await leaveOnce() : await enterOnce();
      if (last === wanted) break;
    }
    isBusy = false;
    if (!isDone && wanted !== 'as it is') timer = setTimeout(want, askEveryMs, wanted).unref();
  }

  function want(what: typeof wanted): void {
    clearTimeout(timer);
    wanted = what;
    if (!isBusy) goOn().catch((error) => log.error({ err: error }, 'the ports of a drained worker'));
  }

  return {
    leave: () => want('left'),
    enter: () => want('entered'),
    cancel: () => want('as it is'),
  };
}
