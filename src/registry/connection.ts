import type { Dialect } from '../api/dialect.ts';
import type { ErrorCode } from '../api/errors.ts';
import type { Group, Membership } from './system-index.ts';

/** `sent`: given to the kernel or about to be this turn; `queued`: behind unsent bytes; `dropped`: not taken. */
export type WriteOutcome = 'sent' | 'queued' | 'dropped';

/** Who is behind a connection, once it is bound. */
export interface Identity {
  readonly uid: string;
  /** May be empty: then it is never the same device as another. */
  readonly deviceId: string;
  readonly deviceName: string;
  /** android, ios, windows, mac, web or whatever the client says; may be empty. */
  readonly channel: string;
  /** Milliseconds since the epoch. */
  readonly boundAt: number;
  /** Grows with each login of the user, over the whole cluster; the newer login wins. */
  readonly loginSequence: number;
}

/**
 * One client's connection as the registry and fan-out see it. Guarantees of every implementation: `write` never throws and
 * never blocks; frames that were not dropped leave whole and in order; after `close` every write is dropped; the memory held
 * for an unread queue is bounded.
 */
export interface Connection {
  /** Positive, below 2^53, unique in the cluster while the connection lives. */
  readonly cid: number;
  readonly system: string;
  readonly dialect: Dialect;
  readonly remoteAddress: string;
  /** Milliseconds since the epoch. */
  readonly connectedAt: number;
  /** Milliseconds since the last inbound frame. */
  readonly idleMs: number;
  /** False from the moment either side began to close. */
  readonly isOpen: boolean;
  /** Bytes that wait in this process. */
  readonly queueBytes: number;
  /** Frames taken and frames dropped. */
  readonly delivered: number;
  readonly dropped: number;

  /** Given by the registry. */
  clientId: string | undefined;
  identity: Identity | undefined;
  groups: Map<Group, Membership> | undefined;

  /** Takes one whole WebSocket frame; the buffer is shared with other connections and never written to. */
  write(frame: Buffer): WriteOutcome;
  /** Sends what is queued, then the close frame of this error with `reason` (default: the error's message). */
  close(error: ErrorCode, reason?: string): void;
}
