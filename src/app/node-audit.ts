import { join, resolve } from 'node:path';
import type { Config } from '../config/schema.ts';
import { type Audit, openAudit } from '../telemetry/audit.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Owned } from './owned.ts';

export interface NodeAuditOptions {
  readonly nodeId: string;
  readonly dataDirectory: string;
  /** Read whenever the file is opened. */
  readonly settings: Pick<Config['log'], 'auditFile' | 'maxSizeBytes' | 'maxFiles'>;
  readonly log: Logger;
}

/** The audit log of a node, closed with it. */
export function openNodeAudit({ nodeId, dataDirectory, settings, log }: NodeAuditOptions, owned: Owned): Audit {
  const path = resolve(settings.auditFile ?? join(dataDirectory, 'audit.jsonl'));
  const audit = openAudit({
    nodeId,
    path,
    get maxBytes() {
      return settings.maxSizeBytes;
    },
    get maxFiles() {
      return settings.maxFiles;
    },
    onLosing: (reason) => log.error({ file: path, reason }, 'the audit log cannot be written, so lines are lost'),
    onRecovered: (lost) => log.warn({ file: path, lost }, 'the audit log can be written again; lines were lost'),
  });
  owned.add('the audit log', () => audit.close());
  return audit;
}
