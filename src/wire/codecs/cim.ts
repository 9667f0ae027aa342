import { createBinaryCodec } from '../binary-codec.ts';
import type { Codec } from '../codec.ts';
import { toLong } from '../int64.ts';
import { toCim } from '../mapping.ts';
import { cim } from '../proto/messages.js';

/** CIM 4.2's protobuf dialect. Section 4 of the wire reference. */
export const cimCodec: Codec = createBinaryCodec('cim', (message, writer) => {
  const body = toCim(message);
  cim.Message.encode(
    {
      id: toLong(body.id),
      action: body.action.toWellFormed(),
      content: body.content.toWellFormed(),
      sender: body.sender.toWellFormed(),
      receiver: body.receiver.toWellFormed(),
      extra: body.extra.toWellFormed(),
      title: body.title.toWellFormed(),
      format: body.format.toWellFormed(),
      timestamp: toLong(body.timestamp),
    },
    writer,
  );
});
