import type { CimMessage, ProtoMessage } from '../api/message.ts';
import {
  addTexts,
  defaultMaxDepth,
  isObject,
  skipValue,
  walkArray,
  walkMembers,
  walkObject,
} from '../util/raw-json.ts';
import { int64Json } from './int64.ts';
import { int64Of, noMapOf, notAnObject, type RawFields, readInteger, readString, stringOf } from './json-fields.ts';
import { mapJson } from './map-json.ts';

/**
 * A MessageProto written as JSON. Nested values in `content` and `extra` become their JSON text; unknown members are
 * ignored, absent ones have protobuf's defaults. Throws `bad_request` naming the field, `at` before its name, also where
 * the text is nested deeper than `maxDepth` levels (default 32).
 */
export function parseMessageProto(
  rawObjectText: string,
  messageId: string,
  at = '',
  maxDepth: number = defaultMaxDepth,
): ProtoMessage {
  const found = new FoundFields(rawObjectText);
  try {
    walkObject(rawObjectText, maxDepth, (key, start, levels) => found.take(key, start, levels));
  } catch (error) {
    throw notAnObject(error, at.replace(/\.$/, ''));
  }
  return protoOf(found, messageId, at);
}

/** A JSON array of MessageProtos, of which nothing but its JSON has been looked at. */
export interface FoundProtos {
  readonly length: number;
  /** Throws as `parseMessageProto`, of the element at `index`; `list` is what the array is called. */
  parse(index: number, messageId: string, list?: string): ProtoMessage;
}

/** Goes once through text that is a JSON array. Of more than `most` elements the rest are only counted. Throws SyntaxError as `walkArray` does. */
export function findMessageProtos(text: string, most: number, maxDepth: number = defaultMaxDepth): FoundProtos {
  const kept: (FoundFields | string)[] = [];
  let length = 0;
  walkArray(text, maxDepth, (at, levels) => {
    length += 1;
    if (length > most || !isObject(text, at)) {
      const end = skipValue(text, at, levels);
      if (length <= most) kept.push(text.slice(at, end));
      return end;
    }
    const found = new FoundFields(text);
    kept.push(found);
    return walkMembers(text, at, levels, (key, start, inner) => found.take(key, start, inner));
  });
  return {
    length,
    parse(index, messageId, list = '') {
      const found = kept[index] ?? '';
      const at = `${list}[${index}].`;
      return typeof found === 'string'
        ? parseMessageProto(found, messageId, at, maxDepth)
        : protoOf(found, messageId, at);
    },
  };
}

function protoOf(found: FoundFields, messageId: string, at: string): ProtoMessage {
  return {
    kind: 'proto',
    messageId,
    id: int64Of(found.id, 'id', at),
    action: stringOf(found.action, 'action', at),
    content: mapOf(found.content, 'content', at),
    sender: stringOf(found.sender, 'sender', at),
    receiver: stringOf(found.receiver, 'receiver', at),
    extra: mapOf(found.extra, 'extra', at),
    title: stringOf(found.title, 'title', at),
    sendTime: int64Of(found.sendTime, 'sendTime', at),
    image: stringOf(found.image, 'image', at),
  };
}

/** The members of a MessageProto as they are met: raw, and objects of texts where they are. */
class FoundFields {
  id: string | undefined = undefined;
  action: string | undefined = undefined;
  content: string | Map<string, string> | undefined = undefined;
  sender: string | undefined = undefined;
  receiver: string | undefined = undefined;
  extra: string | Map<string, string> | undefined = undefined;
  title: string | undefined = undefined;
  sendTime: string | undefined = undefined;
  image: string | undefined = undefined;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The index after the value at `at`. */
  take(key: string, at: number, levels: number): number {
    const text = this.#text;
    if ((key === 'content' || key === 'extra') && isObject(text, at)) {
      const texts = new Map<string, string>();
      if (key === 'content') this.content = texts;
      else this.extra = texts;
      return addTexts(texts, text, at, levels);
    }
    const end = skipValue(text, at, levels);
    // One by one: an assignment to `this[key]` takes longer than all the rest.
    if (key === 'id') this.id = text.slice(at, end);
    else if (key === 'action') this.action = text.slice(at, end);
    else if (key === 'sender') this.sender = text.slice(at, end);
    else if (key === 'receiver') this.receiver = text.slice(at, end);
    else if (key === 'title') this.title = text.slice(at, end);
    else if (key === 'sendTime') this.sendTime = text.slice(at, end);
    else if (key === 'image') this.image = text.slice(at, end);
    else if (key === 'content') this.content = text.slice(at, end);
    else if (key === 'extra') this.extra = text.slice(at, end);
    return end;
  }
}

function mapOf(found: string | Map<string, string> | undefined, name: string, at: string): Map<string, string> {
  return typeof found === 'object' ? found : noMapOf(found, name, at);
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

/** Throws `bad_request` naming the field, `at` before its name. */
export function parsePushFields(fields: RawFields, at = ''): PushFields {
  return {
    sendUserId: readString(fields, 'sendUserId', at),
    code: readInteger(fields, 'code', at),
    msg: readString(fields, 'msg', at),
    data: fields.get('data') ?? 'null',
  };
}
