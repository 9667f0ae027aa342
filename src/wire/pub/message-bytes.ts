import { DecodeError } from '../codec.ts';
import { EncodedMessage } from '../encoded-message.ts';
import { frameTypes } from '../frame-types.ts';
import type { Cursor } from './cursor.ts';
import type { PublishedMessage } from './publication.ts';

/** By field number; 0 is none. */
const names = ['', 'id', 'action', 'content', 'sender', 'receiver', 'extra', 'title', 'sendTime', 'image'] as const;

/** The tags of MessageProto, with the wire types that its fields have. */
const tags = {
  id: 8,
  action: 18,
  content: 26,
  sender: 34,
  receiver: 42,
  extra: 50,
  title: 58,
  sendTime: 64,
  image: 74,
};

/** The field of MessageProto a tag belongs to, '' for none. */
export function fieldOfMessage(tag: number): string {
  return names[tag >>> 3] ?? '';
}

/**
 * A MessageProto of which only the bytes are there: they go to receivers of its dialect as they are, and are known to be read by a strict reader. Where it is for
 * is read when somebody asks.
 */
class MessageBytes implements PublishedMessage {
  readonly message: EncodedMessage;
  readonly #receiverStart: number;
  readonly #receiverEnd: number;

  constructor(message: EncodedMessage, receiverStart: number, receiverEnd: number) {
    this.message = message;
    this.#receiverStart = receiverStart;
    this.#receiverEnd = receiverEnd;
  }

  get receiver(): string {
    return this.message.payload.toString('utf8', this.#receiverStart, this.#receiverEnd);
  }
}

/** Reads the MessageProto between the cursor and its limit. Throws `DecodeError`, with the tag of the field in the cursor. */
export function readMessageBytes(cursor: Cursor, messageId: string): PublishedMessage {
  const { bytes, at: start, limit: end } = cursor;
  let receiverStart = start;
  let receiverEnd = start;
  while (cursor.at < end) {
    const tag = cursor.readTag();
    switch (tag) {
      case tags.id:
      case tags.sendTime:
        cursor.skipVarint();
        break;
      case tags.content:
      case tags.extra:
        readEntry(cursor);
        break;
      case tags.receiver:
        receiverStart = cursor.skipText();
        receiverEnd = cursor.at;
        break;
      case tags.action:
      case tags.sender:
      case tags.title:
      case tags.image:
        cursor.skipText();
        break;
      default:
        if (fieldOfMessage(tag) !== '') throw new DecodeError(`wire type ${tag & 7} at byte ${cursor.at}`);
        cursor.skip(tag);
    }
  }
  const payload = Buffer.allocUnsafe(1 + end - start);
  payload[0] = frameTypes.message;
  bytes.copy(payload, 1, start, end);
  const shift = 1 - start;
  return new MessageBytes(new EncodedMessage(messageId, 'yunque', payload), receiverStart + shift, receiverEnd + shift);
}

/** An entry of a map of texts. */
function readEntry(cursor: Cursor): void {
  const outer = cursor.limit;
  const end = cursor.delimited();
  cursor.limit = end;
  while (cursor.at < end) {
    const tag = cursor.uint32();
    if (tag === 10 || tag === 18) cursor.skipText();
    else if (tag >>> 3 === 1 || tag >>> 3 === 2) throw new DecodeError(`wire type ${tag & 7} at byte ${cursor.at}`);
    else cursor.skip(tag);
  }
  cursor.limit = outer;
}
