import { createBinaryCodec } from '../binary-codec.ts';
import type { Codec } from '../codec.ts';
import { toProto } from '../mapping.ts';
import { writeInt64, writeMap, writeText } from '../proto-writer.ts';

/** yunque-socket's dialect: MESSAGE holds a MessageProto. Section 3 of the wire reference. */
export const yunqueCodec: Codec = createBinaryCodec('yunque', (writer, message) => {
  const proto = toProto(message);
  writeInt64(writer, 1, proto.id);
  writeText(writer, 2, proto.action);
  writeMap(writer, 3, proto.content);
  writeText(writer, 4, proto.sender);
  writeText(writer, 5, proto.receiver);
  writeMap(writer, 6, proto.extra);
  writeText(writer, 7, proto.title);
  writeInt64(writer, 8, proto.sendTime);
  writeText(writer, 9, proto.image);
});
