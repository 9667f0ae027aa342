import { isUtf8 } from 'node:buffer';
import { DecodeError } from '../codec.ts';

/** What of a protobuf message follows its tags: https://protobuf.dev/programming-guides/encoding. The two of groups are no part of proto3. */
const wireTypes = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

/** Up to here a loop over the bytes is faster than asking Node. */
const shortText = 32;

/**
 * Goes through the bytes of a protobuf message. Every read throws `DecodeError`, without a field, where the bytes end too early, at `limit` or at their own end, or are none of protobuf.
 */
export class Cursor {
  readonly bytes: Buffer;
  at = 0;
  /** Of the message that is read; never beyond the bytes. */
  limit: number;
  /** The last one that `readTag` read; 0: none yet. */
  tag = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.limit = bytes.length;
  }

  get isAtEnd(): boolean {
    return this.at >= this.limit;
  }

  readTag(): number {
    this.tag = 0;
    this.tag = this.uint32();
    return this.tag;
  }

  /** A tag or a length: below 2^32. */
  uint32(): number {
    const { bytes, limit } = this;
    if (this.at >= limit) throw cutShort(this.at);
    let byte = bytes[this.at++] as number;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      if (this.at >= limit) throw cutShort(this.at);
      byte = bytes[this.at++] as number;
      if (shift === 28 && byte > 0x0f) throw new DecodeError(`a tag or length above 2^32 at byte ${this.at}`);
      value = (value | ((byte & 0x7f) << shift)) >>> 0;
      if (byte < 0x80) return value;
    }
    throw new DecodeError(`a tag or length above 2^32 at byte ${this.at}`);
  }

  int64(): bigint {
    let value = 0n;
    const start = this.at;
    this.skipVarint();
    for (let at = this.at - 1; at >= start; at--) value = (value << 7n) | BigInt((this.bytes[at] as number) & 0x7f);
    return BigInt.asIntN(64, value);
  }

  skipVarint(): void {
    const { bytes, limit } = this;
    for (let count = 1; count <= 10; count++) {
      if (this.at >= limit) throw cutShort(this.at);
      const byte = bytes[this.at++] as number;
      if (byte < 0x80) {
        if (count === 10 && byte > 1) break;
        return;
      }
    }
    throw new DecodeError(`a number above 64 bits at byte ${this.at}`);
  }

  /** Reads the length of what follows, and answers where it ends. */
  delimited(): number {
    const length = this.uint32();
    const end = this.at + length;
    if (end > this.limit) throw cutShort(this.limit);
    return end;
  }

  /** Past a string, once it is known to be UTF-8; answers where it starts. */
  skipText(): number {
    const { bytes } = this;
    const end = this.delimited();
    const start = this.at;
    this.at = end;
    if (end - start <= shortText) {
      let at = start;
      while (at < end && (bytes[at] as number) < 0x80) at++;
      if (at === end) return start;
    }
    if (!isUtf8(bytes.subarray(start, end))) throw new DecodeError(`text that is not UTF-8 at byte ${start}`);
    return start;
  }

  text(): string {
    const start = this.skipText();
    return this.bytes.toString('utf8', start, this.at);
  }

  /** Past a field that is not known. */
  skip(tag: number): void {
    if (tag >>> 3 === 0) throw new DecodeError(`a field without a number at byte ${this.at}`);
    switch (tag & 7) {
      case wireTypes.varint:
        this.skipVarint();
        return;
      case wireTypes.delimited:
        this.at = this.delimited();
        return;
      case wireTypes.fixed64:
        this.#forward(8);
        return;
      case wireTypes.fixed32:
        this.#forward(4);
        return;
      default:
        throw new DecodeError(`wire type ${tag & 7} at byte ${this.at}`);
    }
  }

  #forward(count: number): void {
    if (this.at + count > this.limit) throw cutShort(this.limit);
    this.at += count;
  }
}

function cutShort(at: number): DecodeError {
  return new DecodeError(`cut short at byte ${at}`);
}
