import type { Privilege } from '../../../access/access.ts';
import type { Execute } from '../../../api/command.ts';
import type { MessageClass } from '../../../api/message-class.ts';
import type { JsonFields } from '../json-fields.ts';

/** One request of this family, access judged and its system known. */
export interface Call {
  readonly execute: Execute;
  /** Empty where the endpoint takes none. */
  readonly system: string;
  readonly fields: JsonFields;
  newMessageId(): string;
  /** What a push says of receivers that do not keep up. Throws where it cannot be read. */
  messageClass(): { readonly class?: MessageClass };
}

/** One POST path. `answer` resolves with `data`, or rejects with a `YunqueError`. */
export interface Endpoint {
  readonly path: string;
  readonly privilege: Extract<Privilege, 'read' | 'push' | 'close' | 'register'>;
  readonly takesSystem: boolean;
  /** It takes an `Idempotency-Key`. */
  readonly isPush?: true;
  answer(call: Call): Promise<unknown>;
}
