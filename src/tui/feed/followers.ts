import type { NodeEvent } from '../../api/event.ts';
import type { TailCopy, TailQuery } from '../../api/tail.ts';
import type { EventQuery, EventStreamItem } from '../../client/events.ts';
import type { TailStreamItem } from '../../client/tail.ts';
import type { TopSource } from './feed.ts';
import { LogFollower } from './follow-log.ts';
import type { LogStep } from './log.ts';
import type { Record } from './recording.ts';
import type { Snapshot } from './snapshot.ts';

export interface Followers {
  readonly events: LogFollower<EventQuery, EventStreamItem, NodeEvent>;
  readonly copies: LogFollower<TailQuery, TailStreamItem, TailCopy>;
}

/** Entries kept of each log. */
export const logLimit = 1000;

/** A screen full of new rows is dear to draw, and nobody reads ten of them a second. */
const batchMs = 250;

/** The two streams of a source as logs of the snapshot. */
export function createFollowers(
  source: Pick<TopSource, 'events' | 'tail'>,
  onChange: (patch: Partial<Pick<Snapshot, 'events' | 'copies'>>) => void,
  record?: Record,
): Followers {
  return {
    events: new LogFollower({
      open: (query, signal) => source.events({ ...query, signal }),
      read: readEvent,
      limit: logLimit,
      batchMs,
      onStep: record && ((step) => record({ type: 'event', step })),
      onWatch: record && ((isOpen) => record({ type: 'stream', stream: 'events', isOpen })),
      onChange: (events) => onChange({ events }),
    }),
    copies: new LogFollower({
      open: (query, signal) => source.tail({ ...query, signal }),
      read: readCopy,
      limit: logLimit,
      batchMs,
      onStep: record && ((step) => record({ type: 'copy', step })),
      onWatch: record && ((isOpen) => record({ type: 'stream', stream: 'copies', isOpen })),
      onChange: (copies) => onChange({ copies }),
    }),
  };
}

function readEvent(raw: EventStreamItem): LogStep<NodeEvent> {
  if (raw.type === 'open') return { isOpen: true };
  if (raw.type === 'lost') return { error: raw.error.message };
  return { item: raw.event, lost: raw.missed };
}

function readCopy(raw: TailStreamItem): LogStep<TailCopy> {
  if (raw.type === 'open') return { isOpen: true };
  if (raw.type === 'lost') return { error: raw.error.message };
  return raw.item.type === 'lost' ? { lost: raw.item.count } : { item: raw.item };
}
