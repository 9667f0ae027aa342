import { isUtf8 } from 'node:buffer';
import { faultOfJson } from '../../util/json-faults.ts';
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

/** Refuses what is valid JSON and chokes receivers. `text` has been found to be JSON of limited depth before. Throws `MalformedBody`. */
export function checkText(text: string): void {
  const fault = faultOfJson(text);
  if (fault !== undefined) throw new MalformedBody(fault);
}
