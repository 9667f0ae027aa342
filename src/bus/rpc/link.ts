import type { PeerNode } from '../peers.ts';
import type { FrameStream } from './frame-stream.ts';
import { type Item, type Parcel, ParcelQueue, ParcelReader } from './parcels.ts';

export interface LinkOptions {
  readonly node: PeerNode;
  readonly stream: FrameStream;
  readonly onParcel: (parcel: Parcel) => void;
  /** What may wait for a node that reads no more. Above it is cut off, and joins anew. */
  readonly maxWaitingBytes: number;
}

/** The stream to one node, both sides of which know who the other is. What is sent in one turn of the loop leaves in one frame. */
export class Link {
  readonly node: PeerNode;
  readonly #stream: FrameStream;
  readonly #queue = new ParcelQueue();
  readonly #reader = new ParcelReader();
  readonly #onParcel: (parcel: Parcel) => void;
  readonly #maxWaitingBytes: number;
  #isScheduled = false;
  #isBlocked = false;
  #isOver = false;

  constructor({ node, stream, onParcel, maxWaitingBytes }: LinkOptions) {
    this.node = node;
    this.#stream = stream;
    this.#onParcel = onParcel;
    this.#maxWaitingBytes = maxWaitingBytes;
    stream.onDrain(() => {
      this.#isBlocked = false;
      this.#flush();
    });
  }

  send(parcel: Parcel): void {
    if (this.#isOver) return;
    this.#queue.push(parcel);
    if (this.#queue.bytes > this.#maxWaitingBytes) this.cut();
    if (this.#isOver || this.#isScheduled || this.#isBlocked) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  /** Of the stream, as they come. */
  receive(items: readonly Item[]): void {
    for (const item of items) {
      const parcel = this.#reader.take(item);
      if (parcel !== undefined && !this.#isOver) this.#onParcel(parcel);
    }
  }

  /** What waits is still sent, as far as the stream takes it. */
  end(): void {
    if (this.#isOver) return;
    this.#flush();
    this.#isOver = true;
    this.#stream.end();
  }

  /** Ends the stream, of which its owner hears. */
  cut(): void {
    this.#isOver = true;
    this.#stream.destroy();
  }

  #flush(): void {
    while (!this.#isOver && !this.#isBlocked && !this.#queue.isEmpty) {
      this.#isBlocked = !this.#stream.write({ items: this.#queue.takeFrame() });
    }
  }
}
