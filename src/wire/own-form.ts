import protobuf from 'protobufjs/minimal.js';
import type { CimMessage, ProtoMessage, PushMessage } from '../api/message.ts';
import { splitObject, unquote } from '../util/raw-json.ts';
import { DecodeError } from './codec.ts';
import { frameTypes } from './frame-types.ts';
import { fromLong } from './int64.ts';

/**
 * What a message is made of again from the bytes of its own dialect, the inverse of that dialect's `encode`. Each throws
 * `DecodeError` and nothing else. Texts that are not Unicode come back as the bytes have them.
 */

/** The door that took a message has judged how deep its data may be nested. */
const anyDepth = 10_000;

/** go-websocket's frame: five fields, `data` as it was written. */
export function decodePush(messageId: string, payload: Buffer): PushMessage {
  return reading('go-websocket’s frame', () => {
    const fields = splitObject(payload.toString(), anyDepth);
    const raw = (name: string): string => {
      const value = fields.get(name);
      if (value === undefined) throw new DecodeError(`${name} is missing`);
      return value;
    };
    const [sendUserId, msg] = [unquote(raw('sendUserId')), unquote(raw('msg'))];
    return { kind: 'push', messageId, sendUserId, code: Number(raw('code')), msg, data: raw('data') };
  });
}

/** MessageProto behind its type byte. Maps keep the order of the bytes, which the generated code does not. */
export function decodeProto(messageId: string, payload: Buffer): ProtoMessage {
  const [texts, maps] = [new Map<number, string>(), { 3: new Map<string, string>(), 6: new Map<string, string>() }];
  const numbers = new Map<number, bigint>();
  readFields('a MessageProto', payload, (reader, field) => {
    if (field === 1 || field === 8) numbers.set(field, fromLong(reader.int64() as never));
    else if (field === 3 || field === 6) readEntry(reader, maps[field]);
    else texts.set(field, reader.string());
  });
  const text = (field: number) => texts.get(field) ?? '';
  return {
    kind: 'proto',
    messageId,
    id: numbers.get(1) ?? 0n,
    action: text(2),
    content: maps[3],
    sender: text(4),
    receiver: text(5),
    extra: maps[6],
    title: text(7),
    sendTime: numbers.get(8) ?? 0n,
    image: text(9),
  };
}

/** CIM's Message behind its type byte. */
export function decodeCim(messageId: string, payload: Buffer): CimMessage {
  const texts = new Map<number, string>();
  const numbers = new Map<number, bigint>();
  readFields('a message of CIM', payload, (reader, field) => {
    if (field === 1 || field === 9) numbers.set(field, fromLong(reader.int64() as never));
    else texts.set(field, reader.string());
  });
  const text = (field: number) => texts.get(field) ?? '';
  return {
    kind: 'cim',
    messageId,
    id: numbers.get(1) ?? 0n,
    action: text(2),
    content: text(3),
    sender: text(4),
    receiver: text(5),
    extra: text(6),
    title: text(7),
    format: text(8),
    timestamp: numbers.get(9) ?? 0n,
  };
}

/** Both kinds have fields up to 9. */
const mostFields = 9;

function readFields(what: string, payload: Buffer, read: (reader: protobuf.Reader, field: number) => void): void {
  reading(what, () => {
    if (payload[0] !== frameTypes.message) throw new DecodeError('no frame of a message');
    const reader = protobuf.Reader.create(payload);
    reader.pos = 1;
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      const field = tag >>> 3;
      if (field >= 1 && field <= mostFields) read(reader, field);
      else reader.skipType(tag & 7);
    }
  });
}

function readEntry(reader: protobuf.Reader, map: Map<string, string>): void {
  const end = reader.uint32() + reader.pos;
  let [key, value] = ['', ''];
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) key = reader.string();
    else if (tag >>> 3 === 2) value = reader.string();
    else reader.skipType(tag & 7);
  }
  map.set(key, value);
}

function reading<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof DecodeError ? error : new DecodeError(`not ${what}`, { cause: error });
  }
}
