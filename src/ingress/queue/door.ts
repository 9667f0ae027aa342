import type { DoorFigures } from '../../api/stats.ts';
import { createBatches } from './batches.ts';
import type { DoorOptions } from './options.ts';
import { createSamples } from './samples.ts';
import type { SourceState } from './source.ts';

/**
 * Hands on what a source reads: records become messages, one hand-over a batch, and what cannot be used is named for the dead letters. `close` may be called
 * twice.
 */
export interface Door {
  readonly name: string;
  figures(): DoorFigures;
  start(): void;
  close(): Promise<void>;
}

export function createDoor(options: DoorOptions): Door {
  const { name, source, log } = options;
  const batches = createBatches(options, createSamples({ door: name, warn: log.warn.bind(log) }));
  reportStates(options);
  return {
    name,
    figures() {
      const { state, failure: down, lag, figures } = source.status;
      const failure = state === 'reading' ? batches.failure : down;
      return {
        name,
        kind: source.kind,
        state: state === 'reading' && failure !== undefined ? 'failing' : state,
        ...(failure !== undefined && { failure }),
        // Who reads knows it.
        ...(lag !== undefined && state !== 'standby' && { lag }),
        ...batches.figures,
        figures,
      };
    },
    start: () => source.start(batches.take),
    close: () => source.close(),
  };
}

/** Says once why a door does not read, and that it does again. */
function reportStates({ name, source, log }: DoorOptions): void {
  let said: string | undefined;
  const onState: Readonly<Record<SourceState, (() => void) | undefined>> = {
    failing: () => {
      const { failure = 'unknown' } = source.status;
      if (failure === said) return;
      said = failure;
      log.warn({ door: name, failure }, 'a queue door does not read');
    },
    reading: () => {
      if (said === undefined) return;
      said = undefined;
      log.info({ door: name }, 'a queue door reads again');
    },
    standby: undefined,
    connecting: undefined,
    closed: undefined,
  };
  source.onState(() => onState[source.status.state]?.());
}
