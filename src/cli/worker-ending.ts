import { randomBytes } from 'node:crypto';
import { exitCodes } from '../api/errors.ts';
import type { RunningNode } from '../app/node.ts';
import type { StopRequest } from '../app/stop.ts';
import type { Logger } from '../telemetry/log.ts';

export interface WorkerEndOptions {
  readonly node: Pick<RunningNode, 'stop'>;
  readonly log: Logger;
  /** What the supervisor wants; told again it is in a hurry. */
  readonly onStop: (listener: (request: StopRequest) => void) => void;
  readonly process: Pick<NodeJS.EventEmitter, 'on'>;
}

/** After an unexpected fault clients are closed one after the other, but the process ends soon. */
const afterFault: StopRequest = { graceMs: 0, atMostDrainMs: 3000, hardLimitMs: 5000 };
/** The next supervisor of the port waits for it. */
const orphaned: StopRequest = { hurry: true, graceMs: 0, hardLimitMs: 1500 };
const maxFaultsTold = 10;

/**
 * Resolves with the exit code when the worker has ended: by order of its supervisor, by SIGTERM (another one takes its place
 * then), after a fault that nobody caught, or because the supervisor is gone.
 */
export function endOfWorker({ node, log, onStop, process }: WorkerEndOptions): Promise<number> {
  return new Promise((resolve) => {
    let faults = 0;
    const stop = (request: StopRequest) => {
      node.stop(request).then(
        () => resolve(faults === 0 ? exitCodes.done : exitCodes.failed),
        (error: unknown) => {
          log.error({ err: error }, 'did not stop cleanly');
          resolve(exitCodes.failed);
        },
      );
    };
    onStop(stop);
    process.on('SIGTERM', () => stop({}));
    process.on('disconnect', () => {
      log.error('the supervisor is gone');
      stop(orphaned);
    });
    process.on('uncaughtException', (error: unknown, origin: string) => {
      faults += 1;
      if (faults > maxFaultsTold) return;
      log.fatal({ err: error, fault: randomBytes(4).toString('hex'), origin }, 'an unexpected fault; stopping');
      if (faults === 1) stop(afterFault);
    });
  });
}
