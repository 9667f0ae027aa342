import { randomBytes } from 'node:crypto';
import { exitCodes } from '../api/errors.ts';
import type { RunningNode } from '../app/node.ts';
import type { Logger } from '../telemetry/log.ts';
import type { RunEnd } from './run-end.ts';
import type { ServiceManager } from './systemd-notify.ts';

/** What follows a signal within this time is its echo: a terminal and a wrapper such as npm or timeout both pass Ctrl-C on. */
const oneSignalMs = 300;

/** After an unexpected fault clients are still closed one after the other, but the process ends soon. */
const faultDrainMs = 3000;
const faultLimitMs = 5000;
/** A fault that comes again and again while the node ends is logged so often. */
const maxFaultsTold = 10;
const afterFault = 'it met an unexpected fault';

export interface ServiceEndOptions {
  readonly node: Pick<RunningNode, 'stop' | 'reload' | 'reopenLogs' | 'onStopAsked'>;
  readonly log: Logger;
  readonly manager: ServiceManager;
  /** SIGHUP is the end of a terminal, and of the node with it. Otherwise it asks for a reload. */
  readonly hangupEnds: boolean;
  /** Told once, before the process ends. */
  readonly onEnd: (end: RunEnd) => void;
  /** Where signals and faults come from. */
  readonly process: Pick<NodeJS.EventEmitter, 'on'>;
}

/**
 * Resolves with the exit code when the node has ended. The first signal drains, the second hurries, the third ends it at
 * once; `yunque stop` drains or hurries. SIGUSR1, which Node would open its debugger for, opens the log files again. After an exception or rejection that nobody caught it drains within 5 s and fails.
 */
export function endOfService({ node, log, manager, process, hangupEnds, onEnd }: ServiceEndOptions): Promise<number> {
  return new Promise((resolve) => {
    let isStopping = false;
    let faults = 0;
    let hasEnded = false;
    const end = (why?: string) => {
      if (hasEnded) return;
      hasEnded = true;
      const exit = why === undefined ? exitCodes.done : exitCodes.failed;
      onEnd({ exit, why });
      resolve(exit);
    };
    const endBadly = (error: unknown) => {
      log.error({ err: error }, 'did not stop cleanly');
      end(error instanceof Error ? error.message : String(error));
    };
    const stop = (by: object, hurry: boolean, drainMs?: number) => {
      if (!isStopping) manager.stopping('draining');
      log.info(by, hurry ? 'stopping in a hurry' : isStopping ? 'stopping already' : 'stopping; once more to hurry');
      // A second call hurries the first, and a plain `yunque stop` is no impatience.
      const isRepeated = isStopping && !hurry;
      isStopping = true;
      if (isRepeated) return;
      node.stop({ hurry, drainMs }).then(() => end(faults === 0 ? undefined : afterFault), endBadly);
    };
    node.onStopAsked(({ hurry, drainMs }) => stop({ by: 'the admin API' }, hurry, drainMs));

    // What comes of it is in the log.
    const onHangup = () => void node.reload({ by: { kind: 'signal', signal: 'SIGHUP' } }).catch(() => {});

    let signals = 0;
    let lastAt = Number.NEGATIVE_INFINITY;
    const onSignal = (signal: NodeJS.Signals) => {
      const at = performance.now();
      // An echo is no signal to measure from: whoever goes on sending them would never be heard.
      if (at - lastAt < oneSignalMs) return;
      lastAt = at;
      signals += 1;
      if (signals > 2) {
        log.error({ signal }, 'ended before it was drained');
        return end('a third signal ended it before it was drained');
      }
      stop({ signal }, isStopping);
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
    process.on('SIGHUP', hangupEnds ? onSignal : onHangup);
    process.on('SIGUSR1', () => {
      node.reopenLogs();
      log.info({ signal: 'SIGUSR1' }, 'log files opened again');
    });
    process.on('SIGUSR2', () => log.warn({ signal: 'SIGUSR2' }, 'this signal means nothing here'));
    // What nobody caught, thrown or rejected: the state may be corrupt, so the node ends.
    process.on('uncaughtException', (error, origin) => {
      faults += 1;
      if (faults > maxFaultsTold) return;
      log.fatal({ err: error, fault: randomBytes(4).toString('hex'), origin }, 'an unexpected fault; stopping');
      if (faults > 1) return;
      manager.stopping('stopping after an unexpected fault');
      const limits = { graceMs: 0, atMostDrainMs: faultDrainMs, hardLimitMs: faultLimitMs };
      node.stop(limits).then(() => end(afterFault), endBadly);
    });
  });
}
