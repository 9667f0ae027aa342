import protobuf from 'protobufjs/minimal.js';
import { type Dialect, dialects } from '../../api/dialect.ts';
import { isObject, isString, splitObject, splitTexts, unquote } from '../../util/raw-json.ts';
import { frameTypes } from '../../wire/frame-types.ts';
import { fromLong, int64Json, toLong } from '../../wire/int64.ts';
import { mapJson } from '../../wire/map-json.ts';
import { cimMessageJson, messageProtoJson } from '../../wire/message-json.ts';
import { cim, yunque } from '../../wire/proto/messages.js';

/** What a client hears. `json` is the frame as JSON text: as it came, or what the protobuf body says. */
export interface HeardFrame {
  readonly type: 'ping' | 'pong' | 'greeting' | 'message' | 'reply' | 'other';
  readonly json: string;
  /** Of a reply. */
  readonly key?: string;
  readonly code?: string;
  readonly message?: string;
}

/** The client's side of a dialect: pure, bytes in, bytes out. */
export interface ClientDialect {
  readonly dialect: Dialect;
  /** Where it lives on a node of default configuration. */
  readonly path: string;
  /** Whether a connection is nothing until it is bound to a user. */
  readonly mustBind: boolean;
  /** `data` is the text of a JSON object. Throws SyntaxError where it is not. */
  request(key: string, dataText: string, timestamp: bigint): Buffer | string;
  /** Throws for bytes that are not of the dialect. */
  decode(payload: Buffer): HeardFrame;
  /** The answer to a `ping`; undefined where WebSocket's own frames do it. */
  readonly pong: Buffer | string | undefined;
}

export function clientDialect(dialect: Dialect): ClientDialect {
  switch (dialect) {
    case 'json':
      return jsonDialect;
    case 'yunque':
      return binaryDialect('yunque', '/yunque', decodeYunqueMessage);
    case 'cim':
      return binaryDialect('cim', '/cim', decodeCimMessage);
    case 'cim-json':
      return cimJsonDialect;
    default:
      return dialect satisfies never;
  }
}

/** The dialect that lives at the end of a URL's path on a node of default configuration. */
export function dialectOfPath(url: string | undefined): Dialect | undefined {
  const path = url?.replace(/[?#].*$/s, '').replace(/\/+$/, '') ?? '';
  if (!/[:\w\]]\//.test(path)) return undefined;
  return dialects.find((dialect) => path.endsWith(clientDialect(dialect).path));
}

const jsonDialect: ClientDialect = {
  dialect: 'json',
  path: '/ws',
  mustBind: false,
  request: (key, dataText) => {
    splitObject(dataText);
    return `{"key":${JSON.stringify(key)},"data":${dataText}}`;
  },
  decode: (payload) => decodeJson(payload.toString()),
  pong: undefined,
};

function decodeJson(json: string): HeardFrame {
  const members = splitObject(json, 64);
  const key = textMember(members, 'key');
  if (key === 'pong') return { type: 'pong', json };
  if (key !== '')
    return { type: 'reply', json, key, code: members.get('code') ?? '', message: textMember(members, 'msg') };
  if (textMember(members, 'messageId') !== '') return { type: 'message', json };
  // Without a messageId: the first frame with the clientId, or the refusal before the close.
  return { type: members.get('code') === '0' ? 'greeting' : 'other', json };
}

function textMember(members: ReadonlyMap<string, string>, name: string): string {
  const raw = members.get(name);
  return raw !== undefined && isString(raw) ? unquote(raw) : '';
}

/** Section 3 of the wire reference: one type byte, then the body. */
function binaryDialect(
  dialect: Dialect,
  path: string,
  decodeMessage: (reader: protobuf.Reader) => string,
): ClientDialect {
  return {
    dialect,
    path,
    mustBind: true,
    request(key, dataText, timestamp) {
      const body = {
        key: key.toWellFormed(),
        timestamp: toLong(timestamp),
        data: Object.fromEntries(textsOf(dataText)),
      };
      const writer = protobuf.Writer.create().uint32(frameTypes.sent);
      return Buffer.from(yunque.SendBodyProto.encode(body, writer).finish());
    },
    decode(payload) {
      const reader = protobuf.Reader.create(payload);
      reader.pos = 1;
      switch (payload[0]) {
        case frameTypes.ping:
          return { type: 'ping', json: '"PING"' };
        case frameTypes.message:
          return { type: 'message', json: decodeMessage(reader) };
        case frameTypes.reply: {
          const { key, code, message, timestamp, data } = yunque.ReplyBodyProto.decode(reader);
          return reply(key, code, message, fromLong(timestamp), mapOf(data));
        }
        default:
          throw new SyntaxError(`a frame of type ${payload[0]}`);
      }
    },
    pong: Buffer.from('\0PONG', 'latin1'),
  };
}

function decodeYunqueMessage(reader: protobuf.Reader): string {
  // Named one by one: what a message lacks is on the class, where a rest pattern does not look.
  const { id, action, content, sender, receiver, extra, title, sendTime, image } = yunque.MessageProto.decode(reader);
  return messageProtoJson({
    kind: 'proto',
    messageId: '',
    id: fromLong(id),
    action,
    content: mapOf(content),
    sender,
    receiver,
    extra: mapOf(extra),
    title,
    sendTime: fromLong(sendTime),
    image,
  });
}

function decodeCimMessage(reader: protobuf.Reader): string {
  const { id, timestamp, action, content, sender, receiver, extra, title, format } = cim.Message.decode(reader);
  return cimMessageJson({
    kind: 'cim',
    messageId: '',
    id: fromLong(id),
    action,
    content,
    sender,
    receiver,
    extra,
    title,
    format,
    timestamp: fromLong(timestamp),
  });
}

/** Section 4: `{"type":3,"content":"<body as JSON text>"}`. */
const cimJsonDialect: ClientDialect = {
  dialect: 'cim-json',
  path: '/cim-json',
  mustBind: true,
  request(key, dataText, timestamp) {
    const body = `{"key":${JSON.stringify(key)},"timestamp":${int64Json(timestamp)},"data":${mapJson(textsOf(dataText))}}`;
    return JSON.stringify({ type: frameTypes.sent, content: body });
  },
  decode(payload) {
    const members = splitObject(payload.toString());
    const json = textMember(members, 'content');
    switch (members.get('type')) {
      case String(frameTypes.ping):
        return { type: 'ping', json: '"PING"' };
      case String(frameTypes.message):
        splitObject(json);
        return { type: 'message', json };
      case String(frameTypes.reply): {
        const body = splitObject(json);
        const [key, code, message] = ['key', 'code', 'message'].map((name) => textMember(body, name));
        return { type: 'reply', json, key: key ?? '', code: code ?? '', message: message ?? '' };
      }
      default:
        throw new SyntaxError(`a frame of type ${members.get('type')}`);
    }
  },
  pong: JSON.stringify({ type: frameTypes.pong, content: 'PONG' }),
};

function reply(
  key: string,
  code: string,
  message: string,
  timestamp: bigint,
  data: ReadonlyMap<string, string>,
): HeardFrame {
  const json =
    `{"key":${JSON.stringify(key)},"code":${JSON.stringify(code)},"message":${JSON.stringify(message)}` +
    `,"timestamp":${int64Json(timestamp)},"data":${mapJson(data)}}`;
  return { type: 'reply', json, key, code, message };
}

/** The members of a JSON object as the text map of a SentBody. */
function textsOf(dataText: string): Map<string, string> {
  if (!isObject(dataText.trim())) throw new SyntaxError('the data of a request is a JSON object');
  return splitTexts(dataText);
}

/** The generated code keeps a `__proto__` key as the record's own property. */
function mapOf(record: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(record));
}
