import { toLong } from './int64.ts';

/**
 * Writes protobuf fields straight from our vocabulary. What is sent to clients goes this way and not through the
 * generated encoders: they want records and Longs, whose making took as long again as the encoding, and a record
 * reorders keys that look like numbers. Nor through protobufjs's writer, which builds a list of what it is to write first. The tests
 * hold the bytes against protoc's and protobufjs's.
 */
export class ProtoWriter {
  bytes = Buffer.allocUnsafe(firstBytes);
  at = 0;
}

/** Of most messages; a larger one finds its room as it grows. */
const firstBytes = 512;
const lengthDelimited = 2;
/** The most bytes of a tag and a length, or of a tag and an int64. */
const headBytes = 15;
/** Up to here a loop over the characters is faster than asking Node. */
const shortText = 24;

/** A writer that holds the type byte of a frame. Type bytes are below 128, so the varint is the byte. */
export function startFrame(frameType: number): ProtoWriter {
  const writer = new ProtoWriter();
  writeVarint(writer, frameType);
  return writer;
}

export function finishFrame({ bytes, at }: ProtoWriter): Buffer {
  return bytes.subarray(0, at);
}

/** Half a surrogate pair becomes U+FFFD: a strict reader would refuse the whole message for it. */
export function writeText(writer: ProtoWriter, field: number, text: string): void {
  if (text !== '') writeString(writer, field, text, utf8Length(text));
}

export function writeInt64(writer: ProtoWriter, field: number, value: bigint): void {
  if (value === 0n) return;
  reserve(writer, headBytes);
  writeVarint(writer, field << 3);
  const long = toLong(value);
  let low = long.low >>> 0;
  let high = long.high >>> 0;
  while (high !== 0) {
    writer.bytes[writer.at++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  writeVarint(writer, low);
}

/** In the map's order. A key or value that is empty is written too, as protoc does. */
export function writeMap(writer: ProtoWriter, field: number, map: ReadonlyMap<string, string>): void {
  for (const [key, value] of map) {
    const keyBytes = utf8Length(key);
    const valueBytes = utf8Length(value);
    reserve(writer, headBytes);
    writeVarint(writer, (field << 3) | lengthDelimited);
    writeVarint(writer, 2 + varintBytes(keyBytes) + keyBytes + varintBytes(valueBytes) + valueBytes);
    writeString(writer, 1, key, keyBytes);
    writeString(writer, 2, value, valueBytes);
  }
}

/** `length`: its `utf8Length`. */
function writeString(writer: ProtoWriter, field: number, text: string, length: number): void {
  reserve(writer, headBytes + length);
  writeVarint(writer, (field << 3) | lengthDelimited);
  writeVarint(writer, length);
  const { bytes, at } = writer;
  writer.at += length;
  if (length !== text.length) bytes.write(text, at, length, 'utf8');
  else if (length > shortText) bytes.write(text, at, length, 'latin1');
  else for (let index = 0; index < length; index++) bytes[at + index] = text.charCodeAt(index);
}

/** Equal to the length of the text only where it is ASCII. */
function utf8Length(text: string): number {
  if (text.length > shortText) return Buffer.byteLength(text);
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return Buffer.byteLength(text);
  }
  return text.length;
}

/** Below 2^32. */
function writeVarint(writer: ProtoWriter, value: number): void {
  let rest = value;
  while (rest > 0x7f) {
    writer.bytes[writer.at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  writer.bytes[writer.at++] = rest;
}

function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest > 0x7f; rest >>>= 7) count++;
  return count;
}

function reserve(writer: ProtoWriter, count: number): void {
  const { bytes, at } = writer;
  if (at + count <= bytes.length) return;
  const larger = Buffer.allocUnsafe(Math.max(2 * bytes.length, at + count));
  bytes.copy(larger, 0, 0, at);
  writer.bytes = larger;
}
