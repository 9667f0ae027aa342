import type { Connection } from '../registry/connection.ts';
import type { Logger } from '../telemetry/log.ts';
import { createCollectGarbage } from './collect-garbage.ts';
import { findDescriptors } from './descriptors.ts';
import { closeLongestQueues } from './longest-queues.ts';
import { createMeasure } from './measure-load.ts';
import { createPressure, type Pressure } from './pressure.ts';

export interface NodePressureOptions {
  readonly limits: { readonly connections: number; readonly memoryBytes: number | undefined };
  readonly log: Logger;
  readonly onState: (reason: string) => void;
  readonly connections: () => readonly Connection[];
  readonly endIdle: () => void;
}

/** This process’s memory and descriptors, watched: what changes is logged and an event. Warns where they are too few from the start. */
export function createNodePressure({ limits, log, onState, connections, endIdle }: NodePressureOptions): Pressure {
  const pressure = createPressure({
    measure: createMeasure(limits.memoryBytes),
    descriptors: findDescriptors(),
    collectGarbage: createCollectGarbage(),
    endIdle,
    onChange(shedding, why) {
      if (shedding.length > 0) log.warn({ shedding, why }, 'newcomers are refused');
      else log.info('newcomers are let in again');
      onState(shedding.length > 0 ? `newcomers are refused: ${why}` : 'newcomers are let in again');
    },
    onNearlyFull(why) {
      const closed = closeLongestQueues(connections());
      if (closed > 0) log.warn({ closed, why }, 'the longest queues were closed');
    },
  });
  const { enoughFor } = pressure;
  if (enoughFor < limits.connections) {
    log.warn(
      `file descriptors are enough for ${enoughFor} connections, limits.connections is ${limits.connections}: raise ulimit -n (LimitNOFILE in systemd)`,
    );
  }
  return pressure;
}
