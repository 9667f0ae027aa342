import type { Execute, PushListItem } from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import type { QueueRecord, SourceKind, Verdict } from './source.ts';

/** What one record has for one system. */
export interface Part {
  readonly items: readonly PushListItem[];
  /** Told once, unless it has to come again. */
  settle(verdict: Verdict): void;
}

/** Tries of a batch that fails through a fault of ours. */
const mostTries = 3;

export interface HandOverOptions {
  readonly source: { readonly kind: SourceKind };
  readonly execute: Execute;
  readonly system: string;
  readonly trusted: boolean;
}

/** Hands on the parts of one batch. Resolves with why some of them were not settled and have to come again; undefined: all are. */
export type HandOver = (
  parts: ReadonlyMap<string, readonly Part[]>,
  first: QueueRecord | undefined,
) => Promise<YunqueError | undefined>;

/**
 * One list for each system. Where one is refused, its records are handed on one by one, so that only those that are to blame for it are poison. What is not possible right now
 * comes again as long as it takes, as does all of a door that is bound to a system which is not there; a fault of ours three times.
 */
export function createHandOver({ source: { kind }, execute, system: own, trusted }: HandOverOptions): HandOver {
  const tries = createTries();

  async function handOn(system: string, parts: readonly Part[], isLast: boolean): Promise<YunqueError | undefined> {
    const [first] = parts;
    const items = parts.length === 1 && first !== undefined ? first.items : parts.flatMap((part) => part.items);
    try {
      await execute({ type: 'pushList', door: kind, system, items });
    } catch (error) {
      const refusal = asRefusal(error);
      const hasNoSystem = refusal.code === 'unknown_system' && system === own && !trusted;
      if (hasNoSystem || comesAgain(refusal, isLast)) return refusal;
      if (parts.length === 1 || refusal.code === 'unknown_system') {
        for (const part of parts) part.settle(poisonOf(refusal, system));
        return undefined;
      }
      for (const part of parts) {
        const failure = await handOn(system, [part], isLast);
        if (failure !== undefined) return failure;
      }
      return undefined;
    }
    for (const part of parts) part.settle({ is: 'done' });
    return undefined;
  }

  return async (parts, first) => {
    const isLast = tries.of(first) + 1 >= mostTries;
    const failures = await Promise.all(Array.from(parts, ([system, its]) => handOn(system, its, isLast)));
    const failure = failures.find((each) => each?.code === 'internal') ?? failures.find((each) => each !== undefined);
    if (failure?.code === 'internal') tries.add(first);
    else if (failure === undefined) tries.forget();
    return failure;
  };
}

function comesAgain(refusal: YunqueError, isLast: boolean): boolean {
  return refusal.code === 'internal' ? !isLast : refusal.row.retryable;
}

/** What has no name in the table is a fault of ours. */
export function asRefusal(error: unknown): YunqueError {
  return error instanceof YunqueError ? error : new YunqueError('internal', undefined, { cause: error });
}

export function poisonOf(error: YunqueError, system?: string): Verdict {
  const { code, message, hint, cause } = error;
  const what = code === 'unknown_system' && system !== undefined ? `${message}: ${JSON.stringify(system)}` : message;
  const why = code === 'internal' && cause instanceof Error ? `${what} (${cause.message})` : what;
  return { is: 'poison', reason: hint === undefined ? why : `${why} (${hint})` };
}

/** Of the batch that fails, told by its first record: how often it has. */
function createTries() {
  let failing: QueueRecord | undefined;
  let count = 0;
  const isSame = (record: QueueRecord | undefined) =>
    failing !== undefined && (record === failing || (record?.id !== undefined && record.id === failing.id));
  return {
    of: (record: QueueRecord | undefined) => (isSame(record) ? count : 0),
    add(record: QueueRecord | undefined) {
      count = isSame(record) ? count + 1 : 1;
      failing = record;
    },
    forget() {
      failing = undefined;
      count = 0;
    },
  };
}
