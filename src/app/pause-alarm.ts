import type { Counters } from '../telemetry/counters.ts';
import type { Events } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Pause, watchPauses } from '../telemetry/pauses.ts';

export interface PauseAlarmOptions {
  readonly log: Logger;
  readonly counters: Counters;
  readonly events: Events;
}

/** Counts, logs and tells of each pause of the process; answers what ends that. */
export function startPauseAlarm({ log, counters, events }: PauseAlarmOptions): () => void {
  return watchPauses({
    onPause: (pause) => {
      const cause = causeOf(pause);
      counters.pause(pause.ms);
      events.emit({ type: 'paused', cause, ms: pause.ms });
      log.warn({ cause, ...pause }, whatHappened[cause]);
    },
  });
}

const whatHappened = {
  stopped: 'the process stood still: a signal, a frozen or starved machine; no client is closed for it',
  blocked: 'the event loop was blocked by work of its own; no client is closed for it',
} as const;

function causeOf({ ms, cpuMs }: Pause): keyof typeof whatHappened {
  return cpuMs > ms / 2 ? 'blocked' : 'stopped';
}
