import protobuf from 'protobufjs';

/**
 * What servers of each dialect send, read without our own codecs: protobuf by reflection from the text of the wire
 * reference, typed in here by hand, and JSON by JSON.parse.
 */
export const dialectNames = ['json', 'yunque', 'cim', 'cim-json'] as const;
export type DialectName = (typeof dialectNames)[number];

const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message MessageProto {
    int64 id = 1; string action = 2; map<string, string> content = 3; string sender = 4; string receiver = 5;
    map<string, string> extra = 6; string title = 7; int64 sendTime = 8; string image = 9;
  }
  message Message {
    int64 id = 1; string action = 2; string content = 3; string sender = 4; string receiver = 5;
    string extra = 6; string title = 7; string format = 8; int64 timestamp = 9;
  }
  message SendBodyProto { string key = 1; int64 timestamp = 2; map<string, string> data = 3; }
  message ReplyBodyProto {
    string key = 1; string code = 2; string message = 3; int64 timestamp = 4; map<string, string> data = 5;
  }
  `,
  { keepCase: true },
);
const types = {
  yunque: root.lookupType('MessageProto'),
  cim: root.lookupType('Message'),
  reply: root.lookupType('ReplyBodyProto'),
  sent: root.lookupType('SendBodyProto'),
};

export type Fields = Readonly<Record<string, unknown>>;

/** One frame a client got. `body`: all fields of the message or reply; int64 as text in the binary dialects. */
export interface Received {
  readonly type: 'hello' | 'ping' | 'message' | 'reply';
  readonly body: Fields;
  readonly raw: Buffer;
  readonly isBinary: boolean;
}

/** Throws for anything that is not of the dialect. */
export function readFrame(dialect: DialectName, raw: Buffer, isBinary: boolean): Received {
  if (isBinary !== (dialect === 'yunque' || dialect === 'cim')) throw new Error(`wrong opcode for ${dialect}`);
  if (dialect === 'json') return { ...readJson(raw), raw, isBinary };
  if (dialect === 'cim-json') return { ...readCimJson(raw), raw, isBinary };
  return { ...readBinary(dialect, raw), raw, isBinary };
}

type Content = Pick<Received, 'type' | 'body'>;

function readJson(raw: Buffer): Content {
  const body = parseObject(raw.toString());
  if ('key' in body) return { type: 'reply', body };
  return { type: 'messageId' in body ? 'message' : 'hello', body };
}

function readCimJson(raw: Buffer): Content {
  const { type, content } = parseObject(raw.toString());
  if (type === 1) return { type: 'ping', body: {} };
  if (type === 2) return { type: 'message', body: parseObject(String(content)) };
  if (type === 4) return { type: 'reply', body: parseObject(String(content)) };
  throw new Error(`cim-json frame of type ${String(type)}`);
}

function readBinary(dialect: 'yunque' | 'cim', raw: Buffer): Content {
  const type = raw[0];
  if (type === 1) return { type: 'ping', body: {} };
  if (type === 2) return { type: 'message', body: decode(types[dialect], raw) };
  if (type === 4) return { type: 'reply', body: decode(types.reply, raw) };
  throw new Error(`${dialect} frame of type ${String(type)}`);
}

function decode(type: protobuf.Type, raw: Buffer): Fields {
  return type.toObject(type.decode(raw.subarray(1)), { longs: String, defaults: true });
}

function parseObject(text: string): Fields {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error(`not an object: ${text}`);
  return value as Fields;
}

/** A request as a client of the dialect sends it. */
export function writeRequest(dialect: DialectName, key: string, data: Readonly<Record<string, string>>): Buffer {
  const timestamp = 1_720_000_000_000;
  switch (dialect) {
    case 'json':
      return Buffer.from(JSON.stringify({ key, data }));
    case 'cim-json':
      return Buffer.from(JSON.stringify({ type: 3, content: JSON.stringify({ key, timestamp, data }) }));
    case 'yunque':
    case 'cim':
      return Buffer.concat([Buffer.from([3]), types.sent.encode({ key, timestamp, data }).finish()]);
    default:
      return dialect satisfies never;
  }
}

/** The answer to a heartbeat; for `json` that is a frame of WebSocket itself. */
export function writePong(dialect: Exclude<DialectName, 'json'>): Buffer {
  return Buffer.from(dialect === 'cim-json' ? '{"type":0,"content":"PONG"}' : '\0PONG');
}
