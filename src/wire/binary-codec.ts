import protobuf from 'protobufjs/minimal.js';
import type { Dialect } from '../api/dialect.ts';
import type { Message } from '../api/message.ts';
import { type ClientFrame, type Codec, DecodeError, type Reply } from './codec.ts';
import { frameTypes } from './frame-types.ts';
import { fromLong } from './int64.ts';
import { yunque } from './proto/messages.js';
import { finishFrame, type ProtoWriter, startFrame, writeInt64, writeMap, writeText } from './proto-writer.ts';
import { replyTexts } from './reply-data.ts';

/**
 * A dialect of the CIM family: one type byte, then a protobuf body. `yunque` and `cim` differ in the body of MESSAGE
 * alone, which `writeMessage` appends to a writer that holds the type byte. Sections 3 and 4 of the wire reference.
 */
export function createBinaryCodec(
  dialect: Dialect,
  writeMessage: (writer: ProtoWriter, message: Message) => void,
): Codec {
  return {
    dialect,
    binary: true,
    encode(message) {
      const writer = startFrame(frameTypes.message);
      writeMessage(writer, message);
      return finishFrame(writer);
    },
    encodeReply,
    decode,
    ping: Buffer.from('\x01PING', 'latin1'),
    pong: undefined,
  };
}

/** ReplyBodyProto, which CIM's ReplyBody equals. */
function encodeReply(reply: Reply): Buffer {
  const writer = startFrame(frameTypes.reply);
  writeText(writer, 1, reply.key);
  writeText(writer, 2, reply.code);
  writeText(writer, 3, reply.message);
  writeInt64(writer, 4, reply.timestamp);
  writeMap(writer, 5, replyTexts(reply.data));
  return finishFrame(writer);
}

const pong: ClientFrame = { type: 'pong' };

function decode(payload: Buffer, isBinary: boolean): ClientFrame {
  if (!isBinary) throw new DecodeError('a text frame where this dialect has binary ones');
  const frameType = payload[0];
  if (frameType === frameTypes.pong) return pong;
  if (frameType !== frameTypes.sent) {
    throw new DecodeError(frameType === undefined ? 'an empty frame' : `type ${frameType} is not for clients to send`);
  }
  try {
    return decodeRequest(payload);
  } catch (error) {
    throw new DecodeError('the body is not a SendBodyProto', { cause: error });
  }
}

/** SendBodyProto, which CIM's SentBody equals. */
function decodeRequest(payload: Buffer): ClientFrame {
  const reader = protobuf.Reader.create(payload);
  reader.pos = 1;
  const { key, timestamp, data } = yunque.SendBodyProto.decode(reader);
  // The generated code makes a `__proto__` key the record's own property, and Object.entries sees it.
  return { type: 'request', key, timestamp: fromLong(timestamp), data: new Map(Object.entries(data)) };
}
