/** One item of a log, with its number: what it is known by while others push it along. */
export interface LogEntry<Item> {
  readonly number: number;
  readonly item: Item;
}

/** What a stream has brought, bounded. */
export interface StreamLog<Item> {
  /** `closed`: nobody looks. `failing`: it broke, `error` says why, and it is tried again unless it was refused. */
  readonly link: 'closed' | 'connecting' | 'live' | 'failing';
  readonly error?: string;
  /** Oldest first. */
  readonly entries: readonly LogEntry<Item>[];
  /** The last number of the log before it: no number is given twice. */
  readonly numberedTo: number;
  /** Items since it was opened, those forgotten since included. */
  readonly count: number;
  /** Items that never came: the stream was behind, or broken. */
  readonly lost: number;
}

export const emptyLog: StreamLog<never> = { link: 'closed', entries: [], numberedTo: 0, count: 0, lost: 0 };

/** An empty one, to be filled where this one was. */
export function logAfter(
  { numberedTo, count }: StreamLog<unknown>,
  link: StreamLog<unknown>['link'],
): StreamLog<never> {
  return { ...emptyLog, link, numberedTo: numberedTo + count };
}

/** With what came at once, of which the newest `limit` are kept. */
export function appendToLog<Item>(log: StreamLog<Item>, items: readonly Item[], limit: number): StreamLog<Item> {
  if (items.length === 0) return log;
  const last = log.numberedTo + log.count;
  const added = items.map((item, index): LogEntry<Item> => ({ number: last + index + 1, item }));
  const entries = [...log.entries, ...added].slice(-limit);
  return { ...log, entries, count: log.count + items.length };
}

/** What one item of a stream means for its log. */
export interface LogStep<Item> {
  readonly isOpen?: true;
  readonly item?: Item;
  /** Items that were left out before this one. */
  readonly lost?: number;
  readonly error?: string;
}

/** The log after it. */
export function afterStep<Item>(
  log: StreamLog<Item>,
  { isOpen, item, lost = 0, error }: LogStep<Item>,
  limit: number,
): StreamLog<Item> {
  const { error: before, ...rest } = log;
  const link = error !== undefined ? 'failing' : isOpen ? 'live' : log.link;
  const why = error ?? (isOpen ? undefined : before);
  const next: StreamLog<Item> = { ...rest, link, ...(why !== undefined && { error: why }), lost: log.lost + lost };
  return item === undefined ? next : appendToLog(next, [item], limit);
}
