import { createBinaryCodec } from '../binary-codec.ts';
import type { Codec } from '../codec.ts';
import { toLong } from '../int64.ts';
import { toProto } from '../mapping.ts';
import { yunque } from '../proto/messages.js';
import { toRecord } from '../string-map.ts';

/** yunque-socket's dialect. Section 3 of the wire reference. */
export const yunqueCodec: Codec = createBinaryCodec('yunque', (message, writer) => {
  const proto = toProto(message);
  yunque.MessageProto.encode(
    {
      id: toLong(proto.id),
      action: proto.action.toWellFormed(),
      content: toRecord(proto.content),
      sender: proto.sender.toWellFormed(),
      receiver: proto.receiver.toWellFormed(),
      extra: toRecord(proto.extra),
      title: proto.title.toWellFormed(),
      sendTime: toLong(proto.sendTime),
      image: proto.image.toWellFormed(),
    },
    writer,
  );
});
