import type { SnapshotAnswer, SnapshotQuery } from '../../api/snapshot.ts';
import type { TailQuery } from '../../api/tail.ts';
import type { EventQuery, EventStreamItem } from '../../client/events.ts';
import type { TailRequest, TailStreamItem } from '../../client/tail.ts';
import type { Snapshot } from './snapshot.ts';

/** Where everything comes from: the admin client, a recording, or a fake. */
export interface TopSource {
  snapshot(query?: SnapshotQuery): Promise<SnapshotAnswer>;
  events(query?: EventQuery): AsyncIterable<EventStreamItem>;
  tail(query?: TailRequest): AsyncIterable<TailStreamItem>;
}

/** What the session shows: the present, or a recording. It knows no screen. */
export interface Feed {
  readonly snapshot: Snapshot;
  /** Calls back after every change of `snapshot`; returns the way out. */
  subscribe(listener: () => void): () => void;
  start(): void;
  close(): void;
  setIntervalMs(intervalMs: number): void;
  /** Of a recording. */
  setSpeed(speed: number): void;
  /** The list to keep fresh; undefined for none. A new query is asked at once, and only the newest is answered. */
  watchList(query: SnapshotQuery | undefined): void;
  /** While held, the list is fetched only when its query changes, and a recording stands still. */
  hold(isHeld: boolean): void;
  /** Undefined closes the stream and forgets what it brought. */
  watchEvents(query: EventQuery | undefined): void;
  watchCopies(query: TailQuery | undefined): void;
}
