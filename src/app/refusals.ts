import type { ErrorCode } from '../api/errors.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { Events } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';
import { escapeControls } from '../util/control-characters.ts';

export interface Refused {
  readonly error: ErrorCode;
  /** What was asked for; may hold words of a stranger. */
  readonly what: string;
  readonly remoteAddress: string;
}

const maxWhat = 300;

/** Counts a refusal, tells it as an event and logs it, whichever door it was made at; of its words 300 characters, none of them hidden. `detail` is for the log only. */
export function createOnRefused(told: {
  readonly counters: Pick<Counters, 'refuse'>;
  readonly events: Pick<Events, 'emit'>;
  readonly log: Pick<Logger, 'debug'>;
}): (refusal: Refused, detail?: string) => void {
  return ({ error, what, remoteAddress }, detail) => {
    const refusal = { error, what: escapeControls(what, maxWhat), remoteAddress };
    told.counters.refuse(error);
    told.events.emit({ type: 'refused', ...refusal });
    told.log.debug(detail === undefined ? refusal : { ...refusal, detail: escapeControls(detail, maxWhat) }, 'refused');
  };
}
