import type { Dialect } from '../../src/api/dialect.ts';
import { type ErrorCode, errorTable } from '../../src/api/errors.ts';
import type { SlowRule } from '../../src/api/message-class.ts';
import type { DropReason } from '../../src/api/receipt.ts';
import type { Connection, Identity } from '../../src/registry/connection.ts';
import type { Group, Membership } from '../../src/registry/system-index.ts';

export interface FakeConnectionOptions {
  readonly cid: number;
  readonly system?: string;
  readonly dialect?: Dialect;
  readonly maxQueueBytes?: number;
  /** Called once, in a microtask after `close`, as the transport does. */
  readonly onClosed?: (connection: FakeConnection, code: number, reason: string) => void;
}

/** A `Connection` without a socket: what the peer would have read is in `received` until `stall` holds it back. */
export class FakeConnection implements Connection {
  readonly cid: number;
  readonly system: string;
  readonly dialect: Dialect;
  readonly remoteAddress = '127.0.0.1';
  readonly connectedAt = 1_700_000_000_000;
  idleMs = 0;
  delivered = 0;
  dropped = 0;
  clientId: string | undefined = undefined;
  identity: Identity | undefined = undefined;
  groups: Map<Group, Membership> | undefined = undefined;
  /** Whole frames, the very buffers that were written. */
  readonly received: Buffer[] = [];
  /** What came several frames at once. */
  readonly batches: Buffer[] = [];
  closed: { readonly error: ErrorCode; readonly code: number; readonly reason: string } | undefined = undefined;
  /** Frames and the end, in order: `frame` or the close code. */
  readonly log: ('frame' | number)[] = [];
  readonly #maxQueueBytes: number;
  readonly #onClosed: FakeConnectionOptions['onClosed'];
  #queue: Buffer[] = [];
  #stalled = false;
  #peerIsClosing = false;

  constructor(options: FakeConnectionOptions) {
    this.cid = options.cid;
    this.system = options.system ?? 'default';
    this.dialect = options.dialect ?? 'yunque';
    this.#maxQueueBytes = options.maxQueueBytes ?? 1024 * 1024;
    this.#onClosed = options.onClosed;
  }

  get isOpen(): boolean {
    return this.closed === undefined && !this.#peerIsClosing;
  }

  get queueBytes(): number {
    return this.#queue.reduce((sum, frame) => sum + frame.length, 0);
  }

  get isBackedUp(): boolean {
    return this.#queue.length > 0;
  }

  write(frame: Buffer, slow?: SlowRule): DropReason | undefined {
    if (!this.isOpen) {
      this.dropped += 1;
      return 'closing';
    }
    const waiting = this.queueBytes;
    if (waiting > 0 && waiting + frame.length > this.#maxQueueBytes) {
      this.dropped += 1;
      if (slow !== undefined) return 'outbox_full';
      this.close('slow_consumer');
      return 'slow_consumer';
    }
    this.#take(frame);
    return undefined;
  }

  writeMany(frames: Buffer, count: number): boolean {
    if (!this.isOpen || this.#queue.length > 0) return false;
    if (count === 1) return this.write(frames) === undefined;
    this.batches.push(frames);
    for (let at = 0; at < frames.length; ) {
      const length = frameLength(frames, at);
      this.#take(frames.subarray(at, at + length));
      at += length;
    }
    return true;
  }

  flush(): void {}

  close(error: ErrorCode, reason?: string): void {
    if (this.closed !== undefined) return;
    const { close: code, message } = errorTable[error];
    this.closed = { error, code, reason: reason ?? message };
    this.log.push(code);
    queueMicrotask(() => this.#onClosed?.(this, code, this.closed?.reason ?? ''));
  }

  /** The peer has begun to close: nothing is taken any more, and the end is not yet known. */
  peerBeginsClosing(): void {
    this.#peerIsClosing = true;
  }

  /** The peer stops reading. */
  stall(): void {
    this.#stalled = true;
  }

  /** The peer reads all that waited. */
  resume(): void {
    this.#stalled = false;
    this.#deliver();
  }

  #take(frame: Buffer): void {
    this.delivered += 1;
    this.#queue.push(frame);
    if (!this.#stalled) this.#deliver();
  }

  #deliver(): void {
    for (const frame of this.#queue) {
      this.received.push(frame);
      this.log.push('frame');
    }
    this.#queue = [];
  }
}

/** Of the frame at `at`, head included (RFC 6455 section 5.2). */
function frameLength(frames: Buffer, at: number): number {
  const short = (frames[at + 1] ?? 0) & 0x7f;
  if (short < 126) return 2 + short;
  return short === 126 ? 4 + frames.readUInt16BE(at + 2) : 10 + Number(frames.readBigUInt64BE(at + 2));
}
