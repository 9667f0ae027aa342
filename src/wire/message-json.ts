import type { CimMessage, ProtoMessage } from '../api/message.ts';
import { int64Json } from './int64.ts';
import { type RawFields, readFields, readInt64, readInteger, readString, readTextMap } from './json-fields.ts';
import { mapJson } from './map-json.ts';

/**
 * A MessageProto written as JSON. Nested values in `content` and `extra` become their JSON text; unknown members are
 * ignored, absent ones have protobuf's defaults. Throws `bad_request` naming the field, `at` before its name, also where
 * the text is nested deeper than `maxDepth` levels (default 32).
 */
export function parseMessageProto(rawObjectText: string, messageId: string, at = '', maxDepth?: number): ProtoMessage {
  const fields = readFields(rawObjectText, at.replace(/\.$/, ''), maxDepth);
  return {
    kind: 'proto',
    messageId,
    id: readInt64(fields, 'id', at),
    action: readString(fields, 'action', at),
    content: readTextMap(fields, 'content', at, maxDepth),
    sender: readString(fields, 'sender', at),
    receiver: readString(fields, 'receiver', at),
    extra: readTextMap(fields, 'extra', at, maxDepth),
    title: readString(fields, 'title', at),
    sendTime: readInt64(fields, 'sendTime', at),
    image: readString(fields, 'image', at),
  };
}

/** The message as a JSON object of all its fields: int64 as numbers where they are safe, maps as objects of strings. */
export function messageProtoJson(message: ProtoMessage): string {
  return (
    `{"id":${int64Json(message.id)},"action":${JSON.stringify(message.action)},"content":${mapJson(message.content)}` +
    `,"sender":${JSON.stringify(message.sender)},"receiver":${JSON.stringify(message.receiver)}` +
    `,"extra":${mapJson(message.extra)},"title":${JSON.stringify(message.title)}` +
    `,"sendTime":${int64Json(message.sendTime)},"image":${JSON.stringify(message.image)}}`
  );
}

/** CIM's Message as a JSON object of all its fields. */
export function cimMessageJson(message: CimMessage): string {
  return (
    `{"id":${int64Json(message.id)},"action":${JSON.stringify(message.action)}` +
    `,"content":${JSON.stringify(message.content)},"sender":${JSON.stringify(message.sender)}` +
    `,"receiver":${JSON.stringify(message.receiver)},"extra":${JSON.stringify(message.extra)}` +
    `,"title":${JSON.stringify(message.title)},"format":${JSON.stringify(message.format)}` +
    `,"timestamp":${int64Json(message.timestamp)}}`
  );
}

/** What a go-websocket body says beside its target. `data` is JSON text, `null` when absent. */
export interface PushFields {
  readonly sendUserId: string;
  readonly code: number;
  readonly msg: string;
  readonly data: string;
}

/** Throws `bad_request` naming the field. */
export function parsePushFields(fields: RawFields): PushFields {
  return {
    sendUserId: readString(fields, 'sendUserId'),
    code: readInteger(fields, 'code'),
    msg: readString(fields, 'msg'),
    data: fields.get('data') ?? 'null',
  };
}
