import type { EncodedForm, Message } from '../api/message.ts';
import type { Codec } from './codec.ts';
import { decodeCim, decodeProto, decodePush } from './own-form.ts';
import type { Codecs } from './prepared-message.ts';

/** The dialects that messages are made in, each with the kind of its messages. */
export const ownDialects = { push: 'json', proto: 'yunque', cim: 'cim' } as const;
export type OwnDialect = (typeof ownDialects)[keyof typeof ownDialects];

/**
 * A message with its bytes in its own dialect, as it travels between nodes: whoever speaks that dialect gets these bytes, on whichever node.
 * The message itself is made of them when somebody asks for it.
 */
export class EncodedMessage implements EncodedForm {
  readonly kind = 'encoded';
  readonly messageId: string;
  readonly dialect: OwnDialect;
  /** What a client of the dialect gets in one WebSocket message. */
  readonly payload: Buffer;
  #message: Message | undefined;

  constructor(messageId: string, dialect: OwnDialect, payload: Buffer, message?: Message) {
    this.messageId = messageId;
    this.dialect = dialect;
    this.payload = payload;
    this.#message = message;
  }

  /** Throws `DecodeError` and nothing else where the payload is none of the dialect. */
  get message(): Message {
    this.#message ??= decoders[this.dialect](this.messageId, this.payload);
    return this.#message;
  }
}

const decoders = { json: decodePush, yunque: decodeProto, cim: decodeCim } as const;

/** A message as it is sent to other nodes: encoded where it has a dialect of its own. */
export function encodeOwn(message: Message | EncodedForm, codecs: Codecs): Message | EncodedForm {
  if (message.kind === 'notice' || message.kind === 'replaced' || message.kind === 'encoded') return message;
  const dialect = ownDialects[message.kind];
  const codec: Codec = codecs[dialect];
  const payload = codec.encode(message);
  if (payload === undefined) return message;
  // Half a surrogate pair is U+FFFD in the bytes: clients of this node are to get what those of the others get.
  const isSame = !payload.includes(replacement) || isWellFormed(message);
  return new EncodedMessage(message.messageId, dialect, payload, isSame ? message : undefined);
}

/** What is nowhere in the bytes has replaced nothing: texts are seldom to be looked through. */
const replacement = Buffer.from('\ufffd');

function isWellFormed(message: Message): boolean {
  for (const value of Object.values(message) as unknown[]) {
    if (typeof value === 'string' && !value.isWellFormed()) return false;
    if (!(value instanceof Map)) continue;
    for (const [key, text] of value as Map<string, string>) {
      if (!key.isWellFormed() || !text.isWellFormed()) return false;
    }
  }
  return true;
}
