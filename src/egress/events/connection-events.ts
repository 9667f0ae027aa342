import type { EventSubject } from '../../api/event.ts';
import type { SinkFigures } from '../../api/stats.ts';
import type { Events } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Sink } from '../sink.ts';
import type { ConnectionEventType } from './connection-event.ts';
import type { Sequences } from './sequences.ts';

export interface EventSink {
  /** In statistics and log. */
  readonly name: string;
  /** Closed with the connection events. */
  readonly sink: Sink;
  /** Absent: all. Those of nodes and `gap` are always told. */
  readonly types?: readonly ConnectionEventType[] | undefined;
  /** Absent: all. */
  readonly systems?: readonly string[] | undefined;
}

export interface ConnectionEventsOptions {
  readonly sinks: readonly EventSink[];
  readonly events: Pick<Events, 'subscribe'>;
  readonly sequences: Sequences;
  /** The id of this node. */
  readonly node: string;
  /** Tells this start of the node from earlier ones, and is greater than theirs. */
  readonly incarnation: number;
  /** Ids of the nodes that are alive now, this one included. Absent: it has no others. */
  readonly members?: () => readonly string[];
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Of each sink, what may wait; beyond it the oldest goes. Default 100,000 events and 32 MiB. */
  readonly maxEvents?: number;
  readonly maxBytes?: number;
}

/** Tells backends who is connected. Says `node_up` when it is made. */
export interface ConnectionEvents {
  figures(): readonly SinkFigures[];
  /**
   * The others took this node for dead: it tells `node_up` with the new incarnation, and then, of all that is connected, what was told before (`subjectsOf`
   * of routing).
   */
  reenter(incarnation: number, standing: Iterable<EventSubject>): void;
  /** Resolves once all that waits was taken, or after so long; then says in the log what was not. */
  flush(deadlineMs: number): Promise<void>;
  /** Sends no more. */
  close(): Promise<void>;
}

export function createConnectionEvents(_options: ConnectionEventsOptions): ConnectionEvents {
  throw new Error('connection events are not there yet');
}
