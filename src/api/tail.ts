import type { Door } from './command.ts';
import type { DropReason } from './receipt.ts';
import type { Target } from './target.ts';

/** What of the traffic is copied. Without a filter: all of it; several filters: what meets each of them. */
export interface TailQuery {
  /** Absent: all systems. A filter by client, user or group is of this system, by default `default`. */
  readonly system?: string | undefined;
  /** A clientId or cid. */
  readonly client?: string | undefined;
  readonly uid?: string | undefined;
  readonly group?: string | undefined;
  /** `out`: to clients; `in`: what clients send. Absent: both. */
  readonly direction?: 'in' | 'out' | undefined;
  /** Of all messages, above 0, at most 1 (the default). The same messages on every node. */
  readonly sample?: number | undefined;
  /** Copies a second and node at most. */
  readonly perSecond?: number | undefined;
  /** Bodies without their values. A key that may only read gets no others. */
  readonly redact?: boolean | undefined;
}

/** A copy of one message. */
export interface TailCopy {
  readonly type: 'copy';
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly node: string;
  readonly system: string;
  readonly direction: 'in' | 'out';
  /** The way it came in; absent for what the node says itself. */
  readonly door?: Door;
  readonly messageId?: string;
  /** Who it is for; of a long list the first ones, and how many there are. Absent: what a client sent. */
  readonly target?: Target;
  readonly targets?: number;
  /** Where it was seen: the connection, for a filter by client or user, and for what a client sent. */
  readonly cid?: string;
  readonly uid?: string;
  /** `push`, `proto`, `cim`, `notice`, `replaced`, or the key of a client's request. */
  readonly kind: string;
  /** Of the body. */
  readonly bytes: number;
  /** JSON text, or text. */
  readonly body: string;
  readonly isRedacted: boolean;
  /** Its end is left out. */
  readonly isCut: boolean;
  /** As the receipt has them, over the whole cluster; absent where the copy is of one connection, or of what a client sent. */
  readonly matched?: number;
  readonly delivered?: number;
  readonly dropped?: Readonly<Partial<Record<DropReason, number>>>;
}

/** Copies that were left out: more than `perSecond`, a node short of time, or a reader that does not keep up. */
export interface TailLoss {
  readonly type: 'lost';
  readonly node: string;
  readonly count: number;
  readonly why: 'rate' | 'busy' | 'reader';
}

export type TailItem = TailCopy | TailLoss;
