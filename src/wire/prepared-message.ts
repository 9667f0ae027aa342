import type { Dialect } from '../api/dialect.ts';
import type { EncodedForm, Message } from '../api/message.ts';
import type { SlowRule } from '../api/message-class.ts';
import { type Codec, DecodeError } from './codec.ts';
import { frame, opcodes } from './frame.ts';

export type Codecs = Readonly<Record<Dialect, Codec>>;

/**
 * A message on its way to many receivers: encoded and framed at most once per dialect, on first need, and the same buffer
 * handed to every receiver. The buffer must not be written to.
 */
export class PreparedMessage {
  /** What it meets where a receiver does not keep up; undefined: the receiver is disconnected. */
  readonly slow: SlowRule | undefined;
  readonly #message: Message | EncodedForm;
  readonly #codecs: Codecs;
  /** Most messages meet one dialect: only the others take a map. */
  #first: Dialect | undefined;
  #firstFrame: Buffer | undefined;
  #others: Map<Dialect, Buffer | undefined> | undefined;

  /** One that is encoded already is only framed in its own dialect, and made a message again for receivers of others. */
  constructor(message: Message | EncodedForm, codecs: Codecs, slow?: SlowRule) {
    this.#message = message;
    this.slow = slow;
    this.#codecs = codecs;
  }

  /** Undefined where the dialect has no form for this message. */
  frameFor(dialect: Dialect): Buffer | undefined {
    if (dialect === this.#first) return this.#firstFrame;
    if (this.#first === undefined) {
      this.#first = dialect;
      this.#firstFrame = this.#encode(dialect);
      return this.#firstFrame;
    }
    this.#others ??= new Map();
    const known = this.#others.get(dialect);
    if (known !== undefined || this.#others.has(dialect)) return known;
    const framed = this.#encode(dialect);
    this.#others.set(dialect, framed);
    return framed;
  }

  #encode(dialect: Dialect): Buffer | undefined {
    const codec = this.#codecs[dialect];
    const payload = this.#payload(codec);
    return payload && frame(payload, codec.binary ? opcodes.binary : opcodes.text);
  }

  #payload(codec: Codec): Buffer | undefined {
    if (this.#message.kind !== 'encoded') return codec.encode(this.#message);
    if (this.#message.dialect === codec.dialect) return this.#message.payload;
    try {
      return codec.encode(this.#message.message);
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  }
}
