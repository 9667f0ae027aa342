import protobuf from 'protobufjs/minimal.js';
import type { Dialect } from '../api/dialect.ts';
import type { Message } from '../api/message.ts';
import { type ClientFrame, type Codec, DecodeError, type Reply } from './codec.ts';
import { frameTypes } from './frame-types.ts';
import { fromLong, toLong } from './int64.ts';
import { yunque } from './proto/messages.js';
import { fromRecord, toRecord } from './string-map.ts';

type Writer = protobuf.Writer;

/**
 * A dialect of the CIM family: one type byte, then a protobuf body. `yunque` and `cim` differ in the body of MESSAGE
 * alone, which `writeMessage` appends to a writer that holds the type byte. Sections 3 and 4 of the wire reference.
 */
export function createBinaryCodec(dialect: Dialect, writeMessage: (message: Message, writer: Writer) => void): Codec {
  return {
    dialect,
    binary: true,
    encode(message) {
      const writer = writerOf(frameTypes.message);
      writeMessage(message, writer);
      return finish(writer);
    },
    encodeReply,
    decode,
    ping: Buffer.from('\x01PING', 'latin1'),
    pong: undefined,
  };
}

/** Type bytes are below 128, so the varint is the byte. */
function writerOf(frameType: number): Writer {
  return protobuf.Writer.create().uint32(frameType);
}

/** In Node the writer works on Buffers; its types cannot say so. */
function finish(writer: Writer): Buffer {
  return writer.finish() as Buffer;
}

function encodeReply(reply: Reply): Buffer {
  const body = {
    key: reply.key.toWellFormed(),
    code: reply.code.toWellFormed(),
    message: reply.message.toWellFormed(),
    timestamp: toLong(reply.timestamp),
    data: toRecord(reply.data),
  };
  return finish(yunque.ReplyBodyProto.encode(body, writerOf(frameTypes.reply)));
}

const pong: ClientFrame = { type: 'pong' };

function decode(payload: Buffer, isBinary: boolean): ClientFrame {
  if (!isBinary) throw new DecodeError('a text frame where this dialect has binary ones');
  const frameType = payload[0];
  if (frameType === frameTypes.pong) return pong;
  if (frameType !== frameTypes.sent) {
    throw new DecodeError(frameType === undefined ? 'an empty frame' : `type ${frameType} is not for clients to send`);
  }
  const reader = protobuf.Reader.create(payload);
  reader.pos = 1;
  try {
    const body = yunque.SendBodyProto.decode(reader);
    return { type: 'request', key: body.key, timestamp: fromLong(body.timestamp), data: fromRecord(body.data) };
  } catch (error) {
    throw new DecodeError('the body is not a SendBodyProto', { cause: error });
  }
}
