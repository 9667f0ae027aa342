import type { yunque } from '../../wire/proto/rpc.js';

export const parcelKinds = { tell: 0, ask: 1, answer: 2, noAnswer: 3 } as const;
export type ParcelKind = (typeof parcelKinds)[keyof typeof parcelKinds];

/** One thing that a node has for another. `id`: of the question; 0 for a tell. */
export interface Parcel {
  readonly kind: ParcelKind;
  readonly id: number;
  readonly bytes: Buffer;
}

export type Item = yunque.rpc.Item.$Properties;

/** Payload in one item, and about as much in one frame: a stranger cannot make a node take more than gRPC's usual 4 MiB. */
const pieceBytes = 512 * 1024;

/**
 * Takes frames' worth of items off the front of a queue of parcels. A large parcel is several items, which may fall into
 * several frames.
 */
export class ParcelQueue {
  #parcels: Parcel[] = [];
  #next = 0;
  /** Of the first parcel. */
  #offset = 0;
  /** That wait, payloads only. */
  bytes = 0;

  push(parcel: Parcel): void {
    this.#parcels.push(parcel);
    this.bytes += parcel.bytes.length;
  }

  get isEmpty(): boolean {
    return this.#next === this.#parcels.length;
  }

  takeFrame(): Item[] {
    const items: Item[] = [];
    let room = pieceBytes;
    while (room > 0 && !this.isEmpty) {
      const parcel = this.#parcels[this.#next] as Parcel;
      const payload = parcel.bytes.subarray(this.#offset, this.#offset + room);
      const more = this.#offset + payload.length < parcel.bytes.length;
      items.push({ kind: parcel.kind, id: parcel.id, more, payload });
      this.bytes -= payload.length;
      // An empty one takes room, too.
      room -= payload.length + 16;
      this.#offset = more ? this.#offset + payload.length : 0;
      if (!more) this.#next += 1;
    }
    if (this.isEmpty) {
      this.#parcels = [];
      this.#next = 0;
    } else if (this.#next > 1024) {
      this.#parcels.splice(0, this.#next);
      this.#next = 0;
    }
    return items;
  }
}

/** Puts parcels together again. */
export class ParcelReader {
  #pieces: Uint8Array[] = [];

  /** The whole parcel, with its last item. */
  take({ kind, id, more, payload }: Item): Parcel | undefined {
    const piece = payload ?? new Uint8Array();
    if (more === true) {
      this.#pieces.push(piece);
      return undefined;
    }
    const pieces = this.#pieces;
    this.#pieces = [];
    const bytes = pieces.length > 0 ? Buffer.concat([...pieces, piece]) : bufferOf(piece);
    return { kind: (kind ?? 0) as ParcelKind, id: id ?? 0, bytes };
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
