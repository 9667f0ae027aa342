/**
 * One record as a source hands it on. `id` is its identity in the transport (stream entry id; topic, partition, offset and time; AMQP message-id), under
 * which it would come again; undefined where the transport gives none (pub/sub).
 */
export interface QueueRecord {
  readonly id: string | undefined;
  readonly body: Buffer;
  /** What stands beside the body: fields of a stream entry, headers of Kafka and AMQP. */
  readonly headers?: {
    /** The system it is for, where the door is trusted. */
    readonly system?: string;
    /** Given by whoever published it: the same within five minutes is the same push. */
    readonly idempotencyKey?: string;
  };
  /** Why it is poison before anybody has looked at its body. */
  readonly defect?: string;
}

/** What became of one record: `done` is acknowledged; `poison` is parked in the source's dead letters, then acknowledged. */
export type Verdict = { readonly is: 'done' } | { readonly is: 'poison'; readonly reason: string };

/**
 * Takes one batch, in the order of the source, and resolves with one verdict for each record once all of it was handed on. Rejects where nothing can be handed on now: the
 * source gives the same batch again, after a growing pause, and does not read on meanwhile.
 */
export type TakeBatch = (batch: readonly QueueRecord[]) => Promise<readonly Verdict[]>;

export type SourceState =
  | 'connecting'
  /** Reads. */
  | 'reading'
  /** Another node reads, and this one takes over when that one is gone. */
  | 'standby'
  | 'failing'
  | 'closed';

export interface SourceStatus {
  readonly state: SourceState;
  /** Why it does not read now, for people; undefined in `reading` and `standby`. */
  readonly failure: string | undefined;
  /** Records that wait in the source for this group of readers, as it was last asked; undefined: unknown, or nothing waits there (pub/sub). */
  readonly lag: number | undefined;
  /** By name: `reconnects`, `redelivered`, `overflowed`, `gaps`, `rebalances`, `unparked`, … */
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * Where a door reads: a channel, a stream, a topic, a queue. Connects, and connects again, by itself; what it reads from is declared by it where it is not there.
 *
 * One batch is under way at a time, so that the order of the source is the order of the pushes. A batch is acknowledged after `take` resolved and poison was parked: what was
 * read and not acknowledged comes again, here or on another node (`channel` alone gives no such promise). Nothing is thrown into the process.
 */
export interface Source {
  readonly kind: SourceKind;
  readonly status: SourceStatus;
  /** Begins to read, and does not wait for a connection. Once. */
  start(take: TakeBatch): void;
  /** Reads no more, lets the batch under way end (2 s), acknowledges it and leaves. May be called twice. */
  close(): Promise<void>;
  /** Called with each new state, or reason. */
  onState(listener: () => void): void;
}

export type SourceKind = 'channel' | 'stream' | 'kafka' | 'rabbitmq';
