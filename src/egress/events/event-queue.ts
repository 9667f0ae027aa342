import type { SinkRecord } from '../sink.ts';

export interface QueuedEvent {
  readonly record: SinkRecord;
  readonly sequence: number;
  /** Never dropped: few, and what all others are understood by. */
  readonly mustStay: boolean;
}

export interface EventQueueOptions {
  readonly maxEvents: number;
  readonly maxBytes: number;
  /** Of a batch, unless a single event has more. */
  readonly maxBatch: number;
  readonly maxBatchBytes: number;
  /** Says what was dropped, in the place where it would have been. */
  gap(dropped: Gap): SinkRecord;
}

export interface Gap {
  readonly dropped: number;
  /** Sequences of the first and the last of them. */
  readonly from: number;
  readonly to: number;
}

/** Of memory for an event beside its text. */
const overheadBytes = 200;

/** What waits for one sink. Beyond its bounds the oldest goes, and a gap is told in its place. */
export class EventQueue {
  readonly #options: EventQueueOptions;
  #events: QueuedEvent[] = [];
  /** Where the first that waits is in `#events`. */
  #head = 0;
  /** Older than all others. */
  #kept: QueuedEvent[] = [];
  #bytes = 0;
  #gap: Gap | undefined;
  /** Since the start. */
  dropped = 0;

  constructor(options: EventQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#kept.length + this.#events.length - this.#head;
  }

  push(event: QueuedEvent): void {
    this.#events.push(event);
    this.#bytes += bytesOf(event);
    const { maxEvents, maxBytes } = this.#options;
    while (this.#events.length - this.#head > 1 && (this.size > maxEvents || this.#bytes > maxBytes))
      this.#dropOldest();
  }

  /** The next that are to be sent, in order, which wait here no longer. */
  take(): readonly SinkRecord[] {
    const { maxBatch, maxBatchBytes, gap } = this.#options;
    const batch: SinkRecord[] = [];
    if (this.#gap !== undefined) batch.push(gap(this.#gap));
    this.#gap = undefined;
    let bytes = 0;
    while (this.size > 0 && batch.length < maxBatch) {
      const next = (this.#kept[0] ?? this.#events[this.#head]) as QueuedEvent;
      bytes += bytesOf(next);
      if (batch.length > 0 && bytes > maxBatchBytes) break;
      this.#shift();
      batch.push(next.record);
    }
    return batch;
  }

  #shift(): QueuedEvent {
    const event = this.#kept.shift() ?? this.#shiftEvent();
    this.#bytes -= bytesOf(event);
    return event;
  }

  #shiftEvent(): QueuedEvent {
    const event = this.#events[this.#head] as QueuedEvent;
    this.#head += 1;
    if (this.#head > 1024 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
    return event;
  }

  #dropOldest(): void {
    const event = this.#shiftEvent();
    if (event.mustStay) {
      this.#kept.push(event);
      return;
    }
    this.#bytes -= bytesOf(event);
    this.dropped += 1;
    const { dropped = 0, from = event.sequence } = this.#gap ?? {};
    this.#gap = { dropped: dropped + 1, from, to: event.sequence };
  }
}

function bytesOf({ record: { body, key } }: QueuedEvent): number {
  return body.length + key.length + overheadBytes;
}
