import { createBinaryCodec } from '../binary-codec.ts';
import type { Codec } from '../codec.ts';
import { toCim } from '../mapping.ts';
import { writeInt64, writeText } from '../proto-writer.ts';

/** CIM 4.2's protobuf dialect: MESSAGE holds a Message. Section 4 of the wire reference. */
export const cimCodec: Codec = createBinaryCodec('cim', (writer, message) => {
  const body = toCim(message);
  writeInt64(writer, 1, body.id);
  writeText(writer, 2, body.action);
  writeText(writer, 3, body.content);
  writeText(writer, 4, body.sender);
  writeText(writer, 5, body.receiver);
  writeText(writer, 6, body.extra);
  writeText(writer, 7, body.title);
  writeText(writer, 8, body.format);
  writeInt64(writer, 9, body.timestamp);
});
