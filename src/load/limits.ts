/** Above this share of its time a thread is taken to be the limit itself: what it measures may be its own doing. */
export const busyShare = 0.9;
/** A server that takes less than this of what it was meant to is the limit. */
const reachedShare = 0.98;

export type Limit =
  /** Nobody: all that was meant to be sent was sent and came. */
  | 'none'
  | 'server'
  | 'receivers'
  | 'sender'
  /** The server went away: connections broke, or it took no more. */
  | 'gone'
  /** The server said no to requests or clients. */
  | 'refused';

export interface LimitSigns {
  readonly isGone?: boolean;
  readonly hasRefused?: boolean;
  /** Something that had to come or to stay did not. */
  readonly isShort?: boolean;
  /** Share of its time the busiest receiver thread was at work, 0 to 1. */
  readonly receivers: number;
  /** The sender's; undefined where it cannot be told, as it waits turn by turn. */
  readonly sender: number | undefined;
  /** Messages a second that were asked for; absent: as many as go. */
  readonly wanted?: number | undefined;
  readonly reached: number;
}

/** Who kept the figures from being better. Of a server that is there the load's own threads are suspected first. */
export function limitOf(signs: LimitSigns): Limit {
  const { receivers, sender, wanted, reached, isGone = false, hasRefused = false, isShort = false } = signs;
  if (isGone) return 'gone';
  if (receivers > busyShare && receivers >= (sender ?? 0)) return 'receivers';
  if (sender !== undefined && sender > busyShare) return 'sender';
  if (hasRefused) return 'refused';
  return !isShort && wanted !== undefined && reached >= wanted * reachedShare ? 'none' : 'server';
}

/** Codes of connections that end with their server: without a close frame, going away, restarting. */
const endingCodes = [1001, 1006, 1012];

/** Whether those that were closed, by code, tell of a server that ended: most of the clients at once. */
export function areGone(closes: ReadonlyMap<number, number>, connected: number): boolean {
  const ended = endingCodes.reduce((sum, code) => sum + (closes.get(code) ?? 0), 0);
  return ended > connected / 2;
}

/** Whether a client's or a request's trouble is that nobody was there to say no. */
export function isGoneReason(reason: string): boolean {
  return /^(ECONNREFUSED|ECONNRESET|EPIPE|closed by the server)$/.test(reason);
}
