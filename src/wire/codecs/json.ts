import type { Message } from '../../api/message.ts';
import { isObject, isString, splitObject, splitTexts, unquote } from '../../util/raw-json.ts';
import type { ClientFrame, Codec, Reply } from '../codec.ts';
import { noticeJson, noticeTexts } from '../mapping.ts';
import { cimMessageJson, messageProtoJson } from '../message-json.ts';
import { replyJson } from '../reply-data.ts';

/** go-websocket's dialect, and our uplink in it. Section 2 of the wire reference. */
export const jsonCodec: Codec = {
  dialect: 'json',
  binary: false,
  encode,
  encodeReply,
  decode,
  ping: undefined,
  pong: Buffer.from('{"key":"pong"}'),
};

function encode(message: Message): Buffer | undefined {
  const { messageId } = message;
  switch (message.kind) {
    case 'push':
      return pushFrame(messageId, message.sendUserId, message.code, message.msg, message.data);
    case 'proto':
      return pushFrame(messageId, message.sender, 0, message.action, messageProtoJson(message));
    case 'cim':
      return pushFrame(messageId, message.sender, 0, message.action, cimMessageJson(message));
    case 'notice':
      return pushFrame(messageId, '', message.code, noticeTexts[message.code], noticeJson(message));
    case 'replaced':
      return undefined;
    default:
      return message satisfies never;
  }
}

/** Five fields, in go-websocket's order; `data` goes in as it is. */
function pushFrame(messageId: string, sendUserId: string, code: number, msg: string, data: string): Buffer {
  return Buffer.from(
    `{"messageId":${JSON.stringify(messageId)},"sendUserId":${JSON.stringify(sendUserId)}` +
      `,"code":${code},"msg":${JSON.stringify(msg)},"data":${data}}`,
  );
}

function encodeReply({ key, code, message, data }: Reply): Buffer {
  const number = /^(0|-?[1-9]\d{0,14})$/.test(code) ? code : JSON.stringify(code);
  return Buffer.from(
    `{"code":${number},"msg":${JSON.stringify(message)},"data":${replyJson(data)},"key":${JSON.stringify(key)}}`,
  );
}

const ignored: ClientFrame = { type: 'ignored' };
const ping: ClientFrame = { type: 'ping' };

/** go-websocket discards what clients send, so nothing is an error here. */
function decode(payload: Buffer, isBinary: boolean): ClientFrame {
  if (isBinary) return ignored;
  const members = membersOf(payload.toString());
  const rawKey = members?.get('key');
  if (members === undefined || rawKey === undefined || !isString(rawKey)) return ignored;
  const key = unquote(rawKey);
  if (key === 'ping') return ping;
  const data = members.get('data');
  if (key === '' || data === undefined || !isObject(data)) return ignored;
  return { type: 'request', key, timestamp: 0n, data: splitTexts(data), json: data };
}

function membersOf(text: string): Map<string, string> | undefined {
  try {
    return splitObject(text);
  } catch {
    return undefined;
  }
}
