import type { NodeEvent } from './event.ts';
import type { ConnectionInfo, MissingNodes } from './listing.ts';

/** How a connection stood when it ended. */
export interface ConnectionEnd {
  /** Seconds since connecting. */
  readonly ageSeconds: number;
  /** Seconds since the last inbound frame. */
  readonly idleSeconds: number;
  /** Messages handed to the socket. */
  readonly delivered: number;
  readonly dropped: number;
  /** Bytes that waited in the node for the socket. */
  readonly queueBytes: number;
}

/** From when on a node still knows all there was: milliseconds since the epoch, its start at the earliest. */
export interface HistorySince {
  /** Of ends, with kicks, replacements and bans. */
  readonly ends: number;
  /** Of connects, binds, joins and leaves. */
  readonly rest: number;
}

/** What is remembered of a client or user, and what is there of it now. */
export interface HistoryAnswer {
  readonly schema: 'yunque.history/1';
  readonly id: string;
  readonly system: string;
  /** Oldest first: the newest of each node, at most `historyLimit`. */
  readonly items: readonly NodeEvent[];
  /** Connections of it that are open now, at most `historyLimit`. */
  readonly connections: readonly ConnectionInfo[];
  /** By node, of those that answered. */
  readonly since: Readonly<Record<string, HistorySince>>;
  readonly missingNodes?: MissingNodes;
}

/** Items and connections that one node answers at most. */
export const historyLimit = 500;
