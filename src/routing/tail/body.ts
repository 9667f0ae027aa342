import type { EncodedForm, Message } from '../../api/message.ts';
import { mapJson } from '../../wire/map-json.ts';
import { cimMessageJson, messageProtoJson } from '../../wire/message-json.ts';

/** What a copy shows of a message: JSON text, or text. */
export interface Body {
  readonly kind: string;
  readonly text: string;
}

/** Of a message, whatever its kind. Never throws: bytes that are none of their dialect are told by their number. */
export function bodyOf(message: Message | EncodedForm): Body {
  switch (message.kind) {
    case 'push': {
      const { sendUserId, code, msg, data } = message;
      const head = JSON.stringify({ sendUserId, code, msg });
      return { kind: 'push', text: `${head.slice(0, -1)},"data":${data}}` };
    }
    case 'proto':
      return { kind: 'proto', text: messageProtoJson(message) };
    case 'cim':
      return { kind: 'cim', text: cimMessageJson(message) };
    case 'notice':
    case 'replaced': {
      const { kind, messageId: _, ...rest } = message;
      return { kind, text: JSON.stringify(rest) };
    }
    case 'encoded':
      return bodyOfEncoded(message);
    default:
      return message satisfies never;
  }
}

/** Bytes that a message holds, roughly: what a copy that waits keeps in memory. */
export function weightOf(message: Message | EncodedForm): number {
  switch (message.kind) {
    case 'encoded':
      return message.payload.length;
    case 'push':
      return message.data.length + message.msg.length;
    case 'proto':
      return weightOfTexts(message.content) + weightOfTexts(message.extra) + message.title.length;
    case 'cim':
      return message.content.length + message.extra.length + message.title.length;
    case 'notice':
      return message.extend.length;
    case 'replaced':
      return message.deviceName.length;
    default:
      return message satisfies never;
  }
}

export function weightOfTexts(texts: ReadonlyMap<string, string>): number {
  let weight = 0;
  for (const [name, text] of texts) weight += name.length + text.length;
  return weight;
}

/** Of what a client asks: its JSON as it was written, else one that says the same. */
export function bodyOfRequest(data: ReadonlyMap<string, string>, json: string | undefined): string {
  return json ?? mapJson(data);
}

function bodyOfEncoded(encoded: EncodedForm): Body {
  let message: Message;
  try {
    message = encoded.message;
  } catch {
    return { kind: 'encoded', text: `${encoded.payload.length} bytes of ${encoded.dialect} that cannot be read` };
  }
  return bodyOf(message);
}
