/** Above this share of its time a thread is taken to be the limit itself: what it measures may be its own doing. */
export const busyShare = 0.9;
/** A server that takes less than this of what it was meant to is the limit. */
const reachedShare = 0.98;

export type Limit =
  /** Nobody: all that was meant to be sent was sent and came. */
  'none' | 'server' | 'receivers' | 'sender';

export interface LimitSigns {
  /** Share of its time the busiest receiver thread was at work, 0 to 1. */
  readonly receivers: number;
  /** The sender's; undefined where it cannot be told, as it waits turn by turn. */
  readonly sender: number | undefined;
  /** Messages a second that were asked for; absent: as many as go. */
  readonly wanted?: number | undefined;
  readonly reached: number;
}

/** Who kept the figures from being better. The load's own threads are suspected first. */
export function limitOf({ receivers, sender, wanted, reached }: LimitSigns): Limit {
  if (receivers > busyShare && receivers >= (sender ?? 0)) return 'receivers';
  if (sender !== undefined && sender > busyShare) return 'sender';
  return wanted !== undefined && reached >= wanted * reachedShare ? 'none' : 'server';
}
