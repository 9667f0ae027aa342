import { YunqueError } from '../../api/errors.ts';
import type { DoorOptions } from './options.ts';

/** Shorter ones belong to a load that is high for a moment. */
const longMs = 2000;

export interface Standstill {
  /** Why nothing is handed on now, for people; undefined where it is, or has not been only for a moment. */
  readonly failure: string | undefined;
  /** A batch has to come again. */
  onRefused(error: unknown): void;
  onTaken(): void;
}

/** Says once in the log why a door hands nothing on, and that it does again. That its own system is not there is said at once, and so is a fault of ours. */
export function createStandstill({
  name: door,
  system,
  log,
}: Pick<DoorOptions, 'name' | 'system' | 'log'>): Standstill {
  let since: number | undefined;
  let failure: string | undefined;
  return {
    get failure() {
      return failure;
    },
    onRefused(error) {
      const now = performance.now();
      const fault = since === undefined ? faultOf(error) : undefined;
      if (fault !== undefined)
        log.warn({ door, err: fault }, 'a queue door failed to hand on, through a fault of ours');
      since ??= now;
      const isMissing = error instanceof YunqueError && error.code === 'unknown_system';
      if (failure !== undefined || (!isMissing && now - since < longMs)) return;
      failure = isMissing
        ? `the system ${system} it is bound to is not there, and what it has read waits: yunque system add ${system}`
        : reasonOf(error);
      log.warn({ door, failure }, 'a queue door cannot hand on what it reads');
    },
    onTaken() {
      since = undefined;
      if (failure === undefined) return;
      failure = undefined;
      log.info({ door }, 'a queue door hands on again');
    },
  };
}

/** With its stack, which says where. */
function faultOf(error: unknown): unknown {
  if (!(error instanceof YunqueError)) return error;
  return error.code === 'internal' ? (error.cause ?? error) : undefined;
}

function reasonOf(error: unknown): string {
  const { message, cause } = error instanceof YunqueError ? error : { message: String(error), cause: undefined };
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
