import type { ReloadAnswer } from '../api/admin.ts';
import { YunqueError } from '../api/errors.ts';
import { type Actor, type Audit, outcomeOf } from '../telemetry/audit.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Reload } from './reload.ts';

export interface AuditedReloadOptions {
  readonly reload: Reload;
  /** Opens files of log again; before the reload, and whatever becomes of it. */
  readonly reopen: () => void;
  readonly audit: Pick<Audit, 'record'>;
  readonly log: Logger;
}

/** A reload on somebody's behalf: what came of it is in the log and in the audit log. Resolves and rejects as `reload` does. */
export function createAuditedReload(options: AuditedReloadOptions): (actor: Actor) => Promise<ReloadAnswer> {
  const { reload, reopen, audit, log } = options;
  return async (actor) => {
    reopen();
    try {
      const answer = await reload();
      tell(log, answer);
      const keysOf = (wanted: string) => answer.changes.filter(({ effect }) => effect === wanted).map(({ key }) => key);
      const result = { applied: keysOf('applied'), needsRestart: keysOf('needs_restart') };
      audit.record({ ...actor, action: 'reload', outcome: 'ok', result });
      return answer;
    } catch (error) {
      const reason = error instanceof YunqueError ? error.message : undefined;
      audit.record({ ...actor, action: 'reload', outcome: outcomeOf(error), ...(reason && { result: { reason } }) });
      log.error(error instanceof YunqueError ? { reason, problems: error.problems } : { err: error }, 'not reloaded');
      throw error;
    }
  };
}

function tell(log: Logger, { changes, warnings }: ReloadAnswer): void {
  for (const warning of warnings) log.warn(warning);
  for (const { key, old, new: now, effect } of changes) {
    // Not under the name `key`, which the log masks.
    if (effect === 'applied') log.info({ setting: key, old, new: now }, 'setting changed');
    else log.warn({ setting: key, old, new: now }, 'setting needs a restart');
  }
  log.info({ changes: changes.length }, 'configuration read again');
}
