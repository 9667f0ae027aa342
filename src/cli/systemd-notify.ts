import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Logger } from '../telemetry/log.ts';
import type { RuntimeEnv } from '../util/runtime-paths.ts';

const run = promisify(execFile);
const patienceMs = 5000;

/** What systemd is told of a unit of `Type=notify`. Neither call ever rejects or holds anything up. */
export interface ServiceManager {
  ready(status: string): void;
  stopping(status: string): void;
}

/**
 * Speaks to systemd through its own program `systemd-notify`, because Node has no datagram sockets of Unix; so the unit needs
 * `NotifyAccess=all`. Without `NOTIFY_SOCKET` nothing is done; what cannot be told is a warning in the log. sd_notify(3).
 */
export function createServiceManager({ env, log }: { env: RuntimeEnv; log: Logger }): ServiceManager {
  const socket = env['NOTIFY_SOCKET'];
  if (socket === undefined || socket === '') return { ready: () => {}, stopping: () => {} };

  // One after the other: READY=1 behind STOPPING=1 would bring a unit back to life.
  let last = Promise.resolve();
  const tell = (state: string, status: string) => {
    last = last.then(async () => {
      try {
        await run('systemd-notify', [state, `STATUS=${status}`], { env: { ...env }, timeout: patienceMs });
      } catch (error) {
        log.warn({ err: error }, `systemd was not told ${state}: install systemd-notify, or use Type=exec in the unit`);
      }
    });
  };
  return {
    ready: (status) => tell('READY=1', status),
    stopping: (status) => tell('STOPPING=1', status),
  };
}
