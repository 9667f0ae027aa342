import { type ErrorCode, errorTable } from '../api/errors.ts';
import { type Situation, sentenceOf } from '../client/situations.ts';
import type { Texts } from './text/en.ts';

/** What a `ClientError` carries; told by shape, because loading its module would cost every start. */
interface Failure extends Error {
  readonly situation?: Situation;
  readonly body?: { readonly code: ErrorCode; readonly message: string; readonly missingNodes?: readonly string[] };
}

/** What an error says, in the operator's language where the error table or a known situation is behind it. */
export function wordsOfFailure(error: Error, text: Texts): string {
  const { situation, body } = error as Failure;
  if (situation !== undefined) return sentenceOf(situation, text.errors.situations);
  if (body?.missingNodes !== undefined) return text.line.notFoundYet(body.missingNodes.join(' '));
  return body === undefined ? error.message : wordsOfRefusal(body.code, body.message, text);
}

/** A refusal's words by its code, with the node's own where they say more. */
export function wordsOfRefusal(code: ErrorCode, message: string, { errors }: Texts): string {
  const words = errors.codes[code];
  return message === '' || message === errorTable[code].message ? words : errors.withDetail(words, message);
}
