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
  let isLeaving = false;
  let isAsking = false;
  let timer: NodeJS.Timeout | undefined;

  async function leaveOnce(): Promise<void> {
    isAsking = true;
    const isLeft = await doOthersServe().catch(() => false);
    isAsking = false;
    if (!isLeaving) return;
    if (isLeft) listeners.leavePorts();
    else timer = setTimeout(ask, askEveryMs).unref();
  }

  function ask(): void {
    if (!isAsking) leaveOnce().catch(fail);
  }

  function fail(error: unknown): void {
    log.error({ err: error }, 'the ports of a drained worker');
  }

  function cancel(): void {
    isLeaving = false;
    clearTimeout(timer);
  }

  return {
    leave() {
      isLeaving = true;
      ask();
    },
    enter() {
      cancel();
      listeners.enterPorts().catch(fail);
    },
    cancel,
  };
}
