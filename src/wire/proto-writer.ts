import protobuf from 'protobufjs/minimal.js';
import { toLong } from './int64.ts';

/**
 * Writes protobuf fields straight from our vocabulary. What is sent to clients goes this way and not through the
 * generated encoders: they want records and Longs, whose making took as long again as the encoding, and a record
 * reorders keys that look like numbers. The tests hold the bytes against protoc's.
 */
export type ProtoWriter = protobuf.Writer;

const lengthDelimited = 2;

/** A writer that holds the type byte of a frame. Type bytes are below 128, so the varint is the byte. */
export function startFrame(frameType: number): ProtoWriter {
  return protobuf.Writer.create().uint32(frameType);
}

/** In Node the writer works on Buffers; its types cannot say so. */
export function finishFrame(writer: ProtoWriter): Buffer {
  return writer.finish() as Buffer;
}

/** Half a surrogate pair becomes U+FFFD: a strict reader would refuse the whole message for it. */
export function writeText(writer: ProtoWriter, field: number, text: string): void {
  if (text !== '') writer.uint32((field << 3) | lengthDelimited).string(text.toWellFormed());
}

export function writeInt64(writer: ProtoWriter, field: number, value: bigint): void {
  if (value !== 0n) writer.uint32(field << 3).int64(toLong(value));
}

/** In the map's order. A key or value that is empty is written too, as protoc does. */
export function writeMap(writer: ProtoWriter, field: number, map: ReadonlyMap<string, string>): void {
  for (const [key, value] of map) {
    writer.uint32((field << 3) | lengthDelimited).fork();
    writer.uint32((1 << 3) | lengthDelimited).string(key.toWellFormed());
    writer.uint32((2 << 3) | lengthDelimited).string(value.toWellFormed());
    writer.ldelim();
  }
}
