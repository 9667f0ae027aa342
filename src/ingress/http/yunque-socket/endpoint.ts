import type { Privilege } from '../../../access/access.ts';
import type { Execute } from '../../../api/command.ts';
import type { MessageClass } from '../../../api/message-class.ts';
import type { JsonFields } from '../json-fields.ts';
import type { HttpLimits } from '../options.ts';

/** Parameters in the URL; one that is given again is a list. */
export type Query = Readonly<Record<string, string | string[] | undefined>>;

/** One request of this family, access judged and its system known. */
export interface Call {
  readonly execute: Execute;
  readonly system: string;
  /** The text, or undefined where there is none. */
  readonly body: string | undefined;
  readonly limits: HttpLimits;
  query(): Query;
  /** The body as an object. Throws where it is not one. */
  fields(): JsonFields;
  newMessageId(): string;
  /** What a push says of receivers that do not keep up. Throws where it cannot be read. */
  messageClass(): { readonly class?: MessageClass };
}

/** `answer` resolves with `data`, or rejects with a `YunqueError`. */
export interface Endpoint {
  readonly path: string;
  readonly methods: readonly ('GET' | 'POST')[];
  readonly privilege: Extract<Privilege, 'read' | 'push'>;
  /** It takes an `Idempotency-Key`. */
  readonly isPush?: true;
  answer(call: Call): Promise<unknown>;
}
