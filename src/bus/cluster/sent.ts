import type { YunqueError } from '../../api/errors.ts';
import type { RemoteReceipt } from '../../wire/cluster/receipt.ts';

/** A push that was broadcast. */
interface SentPush {
  /** Nodes that have not answered. */
  readonly waiting: Set<string>;
  readonly receipts: Map<string, RemoteReceipt | YunqueError>;
  readonly resolve: (receipts: ReadonlyMap<string, RemoteReceipt | YunqueError>) => void;
}

export interface SentBroadcast {
  readonly bytes: Buffer;
  /** Milliseconds of `performance.now`. */
  readonly sentAt: number;
  readonly pushes: readonly SentPush[];
}

interface Entry extends Omit<SentBroadcast, 'bytes'> {
  /** Undefined: too much has been sent since. */
  bytes: Buffer | undefined;
  isOverdue: boolean;
}

/** Bytes kept for nodes that have not got them. */
const mostKeptBytes = 16 * 1024 * 1024;

/** What one start of this node has broadcast lately: its numbers, its bytes, and who has answered. */
export class Sent {
  readonly incarnation: number;
  /** Oldest first: numbers have no gaps. */
  readonly #entries = new Map<number, Entry>();
  /** Of those, the oldest whose bytes are kept. */
  #kept = 1;
  #keptBytes = 0;
  #next = 1;

  constructor(incarnation: number) {
    this.incarnation = incarnation;
  }

  get next(): number {
    return this.#next;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  add(broadcast: SentBroadcast): void {
    this.#entries.set(this.#next, { ...broadcast, isOverdue: false });
    this.#next += 1;
    this.#keptBytes += broadcast.bytes.length;
    while (this.#keptBytes > mostKeptBytes && this.#kept < this.#next) {
      const oldest = this.#entries.get(this.#kept);
      this.#keptBytes -= oldest?.bytes?.length ?? 0;
      if (oldest !== undefined) oldest.bytes = undefined;
      this.#kept += 1;
    }
    for (const push of broadcast.pushes) settle(push);
  }

  answered(number: number, place: number, node: string, receipt: RemoteReceipt | YunqueError): void {
    const push = this.#entries.get(number)?.pushes[place];
    if (push?.waiting.delete(node) !== true) return;
    push.receipts.set(node, receipt);
    settle(push);
  }

  /** The bytes of these numbers, as far as they are still there. */
  *between(from: number, to: number): Generator<Buffer> {
    for (let number = Math.max(from, this.#kept); number < Math.min(to, this.#next); number += 1) {
      const bytes = this.#entries.get(number)?.bytes;
      if (bytes !== undefined) yield bytes;
    }
  }

  /** The node answers nothing any more. */
  forget(node: string): void {
    for (const { pushes } of this.#entries.values()) {
      for (const push of pushes) if (push.waiting.delete(node)) settle(push);
    }
  }

  /** Nodes that have not answered what was sent before this moment; each such broadcast is looked at once. */
  silentSince(before: number): Set<string> {
    const silent = new Set<string>();
    for (const entry of this.#entries.values()) {
      if (entry.sentAt > before) break;
      if (entry.isOverdue) continue;
      entry.isOverdue = true;
      for (const { waiting } of entry.pushes) for (const node of waiting) silent.add(node);
    }
    return silent;
  }

  /** What was sent before this moment is forgotten; who has not answered is not waited for. */
  giveUp(before: number): void {
    for (const [number, { sentAt, bytes, pushes }] of this.#entries) {
      if (sentAt > before) break;
      this.#entries.delete(number);
      if (number >= this.#kept) {
        this.#kept = number + 1;
        this.#keptBytes -= bytes?.length ?? 0;
      }
      for (const push of pushes) {
        push.waiting.clear();
        settle(push);
      }
    }
  }
}

function settle({ waiting, receipts, resolve }: SentPush): void {
  if (waiting.size === 0) resolve(receipts);
}
