import type { CloseMeaning } from '../api/close-code.ts';
import { type ErrorCode, errorTable } from '../api/errors.ts';
import { wordsOfRefusal } from './failure-words.ts';
import type { Texts } from './text/en.ts';

/** What a closing says to the operator: its reason, in their language where the error table is behind it. */
export function closeWords(
  { name, message }: Pick<CloseMeaning, 'name' | 'message'>,
  reason: string,
  text: Texts,
): string {
  if (Object.hasOwn(errorTable, name)) return wordsOfRefusal(name as ErrorCode, reason, text);
  return reason || message;
}
