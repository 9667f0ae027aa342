import type { Message } from '../../api/message.ts';
import { isString, splitObject, unquote } from '../../util/raw-json.ts';
import { type ClientFrame, type Codec, DecodeError, type Reply } from '../codec.ts';
import { frameTypes } from '../frame-types.ts';
import { int64Json } from '../int64.ts';
import { readInt64, readString, readTextMap } from '../json-fields.ts';
import { mapJson } from '../map-json.ts';
import { toCim } from '../mapping.ts';
import { cimMessageJson } from '../message-json.ts';
import { replyTexts } from '../reply-data.ts';

/** CIM's JSON mode: `{"type":2,"content":"<the body as JSON>"}`. Section 4 of the wire reference. */
export const cimJsonCodec: Codec = {
  dialect: 'cim-json',
  binary: false,
  encode,
  encodeReply,
  decode,
  ping: Buffer.from('{"type":1}'),
  pong: undefined,
};

function encode(message: Message): Buffer {
  return frameOf(frameTypes.message, cimMessageJson(toCim(message)));
}

function encodeReply({ key, code, message, timestamp, data }: Reply): Buffer {
  return frameOf(
    frameTypes.reply,
    `{"key":${JSON.stringify(key)},"code":${JSON.stringify(code)},"message":${JSON.stringify(message)}` +
      `,"timestamp":${int64Json(timestamp)},"data":${mapJson(replyTexts(data))}}`,
  );
}

function frameOf(type: number, body: string): Buffer {
  return Buffer.from(`{"type":${type},"content":${JSON.stringify(body)}}`);
}

const pong: ClientFrame = { type: 'pong' };

function decode(payload: Buffer, isBinary: boolean): ClientFrame {
  if (isBinary) throw new DecodeError('a binary frame where this dialect has text ones');
  try {
    return decodeText(payload.toString());
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    throw new DecodeError('the frame is not one of CIM JSON mode', { cause: error });
  }
}

function decodeText(text: string): ClientFrame {
  const members = splitObject(text);
  const type = members.get('type');
  if (type === String(frameTypes.pong)) return pong;
  if (type !== String(frameTypes.sent)) throw new DecodeError('a type that is not for clients to send');
  const content = members.get('content');
  if (content === undefined || !isString(content)) throw new DecodeError('content must be the request as JSON text');
  const body = splitObject(unquote(content));
  return {
    type: 'request',
    key: readString(body, 'key'),
    timestamp: readInt64(body, 'timestamp'),
    data: readTextMap(body, 'data'),
  };
}
