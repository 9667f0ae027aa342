import { exitCodes } from '../api/errors.ts';
import type { RunningNode } from '../app/node.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ServiceManager } from './systemd-notify.ts';

/** Signals closer together than this are one: a terminal and a wrapper such as npm or timeout both pass Ctrl-C on. */
const oneSignalMs = 300;

export interface ServiceEndOptions {
  readonly node: Pick<RunningNode, 'stop' | 'onStopAsked'>;
  readonly log: Logger;
  readonly manager: ServiceManager;
  /** What SIGHUP does instead of stopping; undefined: it stops. */
  readonly reopen: (() => void) | undefined;
  /** Where signals and faults come from. */
  readonly process: Pick<NodeJS.EventEmitter, 'on' | 'once'>;
}

/**
 * Resolves with the exit code when the node has ended. The first signal drains, the second hurries, the third ends it at
 * once; `yunque stop` drains or hurries.
 */
export function endOfService({ node, log, manager, process, reopen }: ServiceEndOptions): Promise<number> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = (by: object, hurry: boolean, drainMs?: number) => {
      if (!isStopping) manager.stopping('draining');
      log.info(by, hurry ? 'stopping in a hurry' : isStopping ? 'stopping already' : 'stopping; once more to hurry');
      // A second call hurries the first, and a plain `yunque stop` is no impatience.
      const isRepeated = isStopping && !hurry;
      isStopping = true;
      if (isRepeated) return;
      node.stop({ hurry, drainMs }).then(
        () => resolve(exitCodes.done),
        (error: unknown) => {
          log.error({ err: error }, 'did not stop cleanly');
          resolve(exitCodes.failed);
        },
      );
    };
    node.onStopAsked(({ hurry, drainMs }) => stop({ by: 'the admin API' }, hurry, drainMs));

    let signals = 0;
    let lastAt = Number.NEGATIVE_INFINITY;
    const onSignal = (signal: NodeJS.Signals) => {
      const at = performance.now();
      const isEcho = at - lastAt < oneSignalMs;
      lastAt = at;
      if (isEcho) return;
      signals += 1;
      if (signals > 2) {
        log.error({ signal }, 'ended before it was drained');
        return resolve(exitCodes.failed);
      }
      stop({ signal }, isStopping);
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
    process.on('SIGHUP', reopen ?? onSignal);
    process.once('uncaughtException', (error) => {
      log.fatal({ err: error }, 'an unexpected fault; stopping');
      manager.stopping('stopping after an unexpected fault');
      node.stop({ hurry: true }).then(
        () => resolve(exitCodes.failed),
        () => resolve(exitCodes.failed),
      );
    });
  });
}
