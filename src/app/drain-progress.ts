import type { DrainStats } from '../api/stats.ts';
import type { Logger } from '../telemetry/log.ts';

const everyMs = 1000;

/** How far a drain is, for the log and for whoever asks. */
export interface DrainProgress extends Disposable {
  read(): DrainStats;
}

/**
 * `clientsLeft`: those that have not been told to go. Each second in which some were, a line says how many are left; once none
 * is, how many of `sockets()` have not answered the close frame.
 */
export function startDrainProgress(log: Logger, clientsLeft: () => number, sockets: () => number): DrainProgress {
  const clients = clientsLeft();
  let told = clients;
  let toldSockets = 0;
  const read = (): DrainStats => ({ clients, left: Math.min(clients, clientsLeft()) });
  const tell = () => {
    const { left } = read();
    if (left !== told) {
      told = left;
      log.info({ left, of: clients, percent: Math.floor(((clients - left) / clients) * 100) }, 'draining');
    }
    const waitedFor = left === 0 ? sockets() : 0;
    if (waitedFor === toldSockets) return;
    toldSockets = waitedFor;
    if (waitedFor > 0)
      log.info({ clients: waitedFor }, `waiting for ${waitedFor} ${waitedFor === 1 ? 'client' : 'clients'} to close`);
  };
  const timer = setInterval(tell, everyMs);
  timer.unref();
  return { read, [Symbol.dispose]: () => clearInterval(timer) };
}
