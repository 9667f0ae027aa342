import type { DrainStats } from '../api/stats.ts';
import type { Logger } from '../telemetry/log.ts';

const everyMs = 1000;

/** How far a drain is, for the log and for whoever asks. */
export interface DrainProgress extends Disposable {
  read(): DrainStats;
}

/** `clientsLeft`: those that are still connected. Each second in which some went, a line says how many are left. */
export function startDrainProgress(log: Logger, clientsLeft: () => number): DrainProgress {
  const clients = clientsLeft();
  let told = clients;
  const read = (): DrainStats => ({ clients, left: Math.min(clients, clientsLeft()) });
  const tell = () => {
    const { left } = read();
    if (left === told) return;
    told = left;
    log.info({ left, of: clients, percent: Math.floor(((clients - left) / clients) * 100) }, 'draining');
  };
  const timer = setInterval(tell, everyMs);
  timer.unref();
  return { read, [Symbol.dispose]: () => clearInterval(timer) };
}
