import type { NodeEvent } from '../../api/event.ts';
import type { ListQuery } from '../../api/listing.ts';
import type { SnapshotList } from '../../api/snapshot.ts';
import type { ClusterStats } from '../../api/stats.ts';
import type { TailCopy } from '../../api/tail.ts';
import type { LogStep } from './log.ts';

/**
 * A recording is a file of JSON lines: a header, then one line for each answer and each piece of a stream, with the
 * milliseconds since the recording began, in order.
 */
export interface RecordingHeader {
  readonly schema: typeof recordingSchema;
  /** Of the program that made it. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export const recordingSchema = 'yunque.recording/1';

/** Something that the dashboard was told. */
export type RecordedItem =
  /** `tookMs`: from the question to the answer. */
  | { readonly type: 'sample'; readonly tookMs: number; readonly stats: ClusterStats }
  | { readonly type: 'failure'; readonly message: string }
  | { readonly type: 'list'; readonly query: ListQuery; readonly list: SnapshotList }
  /** A stream was opened anew, or closed. */
  | { readonly type: 'stream'; readonly stream: 'events' | 'copies'; readonly isOpen: boolean }
  | { readonly type: 'event'; readonly step: LogStep<NodeEvent> }
  | { readonly type: 'copy'; readonly step: LogStep<TailCopy> };

export type RecordedLine = RecordedItem & { readonly at: number };

/** Takes what the dashboard is told. Never throws. */
export type Record = (item: RecordedItem) => void;
