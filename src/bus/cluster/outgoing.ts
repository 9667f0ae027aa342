import { type BatchKind, encodeEnvelope } from '../../wire/cluster/envelope.ts';

/** Gets each item's answer; undefined for a batch that nobody waits for, or that was not answered. */
export type OnAnswer = (answer: Buffer | undefined) => void;

interface Open {
  readonly kind: BatchKind;
  readonly items: Buffer[];
  readonly waiting: (OnAnswer | undefined)[];
  bytes: number;
}

export type SendBatch = (node: string, bytes: Buffer, waiting: readonly (OnAnswer | undefined)[]) => void;

/** A batch leaves before it is larger than this. */
const largestBatchBytes = 1024 * 1024;

/**
 * What is to go to each node in this turn of the loop, gathered and sent as one. Order towards a node is kept: things of another
 * kind, and whatever calls `flush` before it sends past this, come after what was added earlier.
 */
export class Outgoing {
  readonly #send: SendBatch;
  readonly #open = new Map<string, Open>();
  #scheduled = false;

  constructor(send: SendBatch) {
    this.#send = send;
  }

  add(node: string, kind: BatchKind, item: Buffer, onAnswer?: OnAnswer): void {
    let open = this.#open.get(node);
    if (open !== undefined && (open.kind !== kind || open.bytes + item.length > largestBatchBytes)) {
      this.flush(node);
      open = undefined;
    }
    if (open === undefined) {
      open = { kind, items: [], waiting: [], bytes: 0 };
      this.#open.set(node, open);
    }
    open.items.push(item);
    open.waiting.push(onAnswer);
    open.bytes += item.length;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flushAll();
    });
  }

  /** Sends what waits for a node. */
  flush(node: string): void {
    const open = this.#open.get(node);
    if (open === undefined) return;
    this.#open.delete(node);
    this.#send(node, encodeEnvelope({ type: 'batch', kind: open.kind, items: open.items }), open.waiting);
  }

  flushAll(): void {
    for (const node of [...this.#open.keys()]) this.flush(node);
  }
}
