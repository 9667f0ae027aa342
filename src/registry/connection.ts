import type { Dialect } from '../api/dialect.ts';
import type { ErrorCode } from '../api/errors.ts';
import type { SlowRule } from '../api/message-class.ts';
import type { DropReason } from '../api/receipt.ts';
import type { Group, Membership } from './system-index.ts';

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
 * One client's connection as the registry and fan-out see it. Guarantees of every implementation: writes never throw and
 * never block; frames that were not dropped leave whole and in order, those of one turn of the event loop together; after
 * `close` every write is dropped; the memory held for an unread queue is bounded.
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
  /** Something waits that the kernel has no room for, because the client does not read as fast as it is written to. */
  readonly isBackedUp: boolean;
  /** Frames taken, and frames dropped, then or later. */
  readonly delivered: number;
  readonly dropped: number;

  /** Given by the registry. */
  clientId: string | undefined;
  identity: Identity | undefined;
  groups: Map<Group, Membership> | undefined;

  /**
   * Takes one whole WebSocket frame, which leaves at the end of the turn; the buffer is shared with other connections and never written to.
   * `slow`: what it meets where the client does not keep up; absent, the client is disconnected. Undefined when it was taken, now the last of what
   * waits; else why it was not.
   */
  write(frame: Buffer, slow?: SlowRule): DropReason | undefined;
  /**
   * Takes several whole frames at once, which leave when `flush` is called. False, and nothing was taken, where the client does not keep
   * up. `mustArrive`: one of them at least is of no class that may be dropped.
   */
  writeMany(frames: Buffer, count: number, mustArrive: boolean): boolean;
  /** Lets what was written in this turn leave now. */
  flush(): void;
  /** Sends what is queued, then the close frame of this error with `reason` (default: the error's message). */
  close(error: ErrorCode, reason?: string): void;
}
