import { isUtf8 } from 'node:buffer';
import { splitObject } from '../../util/raw-json.ts';

/** A body that cannot be read at all, told apart from one that reads well and asks for something wrong. */
export class MalformedBody extends Error {
  override readonly name = 'MalformedBody';
}

export function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new MalformedBody('the body is not UTF-8; compressed bodies are not taken');
  return bytes.toString('utf8');
}

/** The raw text of each member of the body. Throws `MalformedBody`. */
export function readObject(body: unknown, maxDepth: number): ReadonlyMap<string, string> {
  return readText(body, (text) => splitObject(text, maxDepth));
}

/** What `split`, which throws SyntaxError, makes of the body. Throws `MalformedBody`. */
export function readText<T>(body: unknown, split: (text: string) => T): T {
  const text = requireText(body);
  let members: T;
  try {
    members = split(text);
  } catch (error) {
    throw new MalformedBody(error instanceof SyntaxError ? error.message : 'the body is not valid JSON', {
      cause: error,
    });
  }
  checkText(text);
  return members;
}

export function requireText(body: unknown): string {
  if (typeof body === 'string' && body !== '') return body;
  throw new MalformedBody('a JSON body is required');
}

/**
 * Refuses what is valid JSON and chokes receivers: half a surrogate pair, a number no double can hold. `text` has been
 * found to be JSON of limited depth before. Throws `MalformedBody`.
 */
export function checkText(text: string): void {
  if (suspicious.test(text)) checkValue(JSON.parse(text));
}

/** A surrogate escape, an exponent of three digits, or a hundred digits: without one of them nothing can be wrong. */
const suspicious = /\\u[dD][89a-fA-F]|[eE]\+?\d{3}|\d{100}/;

function checkValue(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new MalformedBody('a number in the JSON is too large');
  if (typeof value === 'string' && !value.isWellFormed())
    throw new MalformedBody('the JSON holds half a surrogate pair');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    checkValue(key);
    checkValue(member);
  }
}
