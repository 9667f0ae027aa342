import { type ErrorCode, YunqueError } from '../api/errors.ts';
import type { Principal } from '../api/principal.ts';
import { escapeControlsOfJson } from '../util/control-characters.ts';
import { createLogFile, type LogFileOptions } from './log-file.ts';

/** Who changed something: a principal that access has judged, or a signal to the process. */
export interface Actor {
  readonly by: Principal | { readonly kind: 'signal'; readonly signal: string };
  /** Absent where there is none: on the operator's socket, and for a signal. */
  readonly remoteAddress?: string;
}

/** Something that was changed, or that somebody who may change it failed to change. */
export interface Change extends Actor {
  /** Through which it was asked, where that is not the one that writes. */
  readonly node?: string;
  /** The command's type, or `stop`, `reload`, `heapSnapshot`. */
  readonly action: string;
  /** Names only: never a key, a token or a message. */
  readonly what?: Readonly<Record<string, unknown>>;
  readonly outcome: 'ok' | ErrorCode;
  /** What came of it, in numbers and names. */
  readonly result?: Readonly<Record<string, unknown>>;
}

/** The audit log: one JSON line for each change. */
export interface Audit {
  /** Never throws and never waits: a line that cannot be written is counted and told. */
  record(change: Change): void;
  /** Opens the file anew, for one that was moved away. */
  reopen(): void;
  /** Resolves when everything is written, or after a second. */
  close(): Promise<void>;
  /** Lines since the start that could not be written. */
  readonly lost: number;
}

export interface AuditOptions extends LogFileOptions {
  readonly nodeId: string;
}

export function openAudit(options: AuditOptions): Audit {
  const { nodeId } = options;
  const file = createLogFile(options);
  return {
    record: (change) => file.write(auditLine(change, nodeId, new Date())),
    reopen: () => file.reopen(),
    close: () => file.close(),
    get lost() {
      return file.lost;
    },
  };
}

/** Does what is no command, and writes down how it ended; of what it resolves with only `resultOf` is shown. */
export async function audited<T>(
  audit: Pick<Audit, 'record'>,
  change: Omit<Change, 'outcome' | 'result'>,
  work: () => Promise<T>,
  resultOf: (done: T) => Change['result'],
): Promise<T> {
  let done: T;
  try {
    done = await work();
  } catch (error) {
    audit.record({ ...change, outcome: outcomeOf(error) });
    throw error;
  }
  const result = resultOf(done);
  audit.record({ ...change, outcome: 'ok', ...(result && { result }) });
  return done;
}

/** The code of a refusal; what is our own fault has no other words here. */
export function outcomeOf(error: unknown): ErrorCode {
  return error instanceof YunqueError ? error.code : 'internal';
}

/** In this order of fields, without those that say nothing. */
function auditLine(change: Change, ownNode: string, time: Date): string {
  const { node = ownNode, by, remoteAddress, action, what, outcome, result } = change;
  const line = { time: time.toISOString(), node, by, remoteAddress, action, ...what, outcome, result };
  return `${escapeControlsOfJson(JSON.stringify(line))}\n`;
}
