import { YunqueError } from '../api/errors.ts';
import { isObject, isString, splitObject, textOf, unquote } from '../util/raw-json.ts';
import { parseInt64 } from './int64.ts';

/** Raw members of a JSON object by name, as `splitObject` gives them. */
export type RawFields = ReadonlyMap<string, string>;

/**
 * Readers of single members. No type is converted into another. A member that is absent or `null` has its default, as in
 * protobuf's JSON form and in Go. All throw `bad_request` naming the field, `at` before its name (`message.`).
 */
export function readString(fields: RawFields, name: string, at = ''): string {
  const raw = given(fields, name);
  if (raw === undefined) return '';
  if (!isString(raw)) throw wrong(at + name, 'a string', raw);
  return unquote(raw);
}

export function readInteger(fields: RawFields, name: string, at = ''): number {
  const raw = given(fields, name);
  if (raw === undefined) return 0;
  if (!isIntegerLiteral(raw)) throw wrong(at + name, 'an integer', raw);
  const value = Number(raw);
  if (!Number.isSafeInteger(value)) throw wrong(at + name, 'an integer below 2^53', raw);
  // Not -0, which JSON has and nobody means.
  return value + 0;
}

/** An int64: an integer literal below 2^53, or any int64 as a string. */
export function readInt64(fields: RawFields, name: string, at = ''): bigint {
  const raw = given(fields, name);
  if (raw === undefined) return 0n;
  const field = at + name;
  if (isString(raw)) {
    const value = parseInt64(unquote(raw));
    if (value === undefined) throw wrong(field, 'a 64-bit integer, in digits when written as a string', raw);
    return value;
  }
  if (!isIntegerLiteral(raw)) throw wrong(field, 'an integer, or a string of digits', raw);
  const value = Number(raw);
  if (!Number.isSafeInteger(value)) {
    throw new YunqueError(
      'bad_request',
      `${field} is above 2^53, where JSON numbers lose digits: send it as a string`,
      {
        field,
        hint: `"${name}":"${clip(raw)}"`,
      },
    );
  }
  return BigInt(value);
}

/** An object whose strings are taken as they are and whose other values as their JSON text. */
export function readTextMap(fields: RawFields, name: string, at = '', maxDepth?: number): Map<string, string> {
  const raw = given(fields, name);
  if (raw === undefined) return new Map();
  if (!isObject(raw)) throw wrong(at + name, 'an object', raw);
  const map = splitObject(raw, maxDepth);
  for (const [key, value] of map) map.set(key, textOf(value));
  return map;
}

/** The members of a JSON object; `field` is what to call it in the refusal, '' for the whole body. */
export function readFields(text: string, field = '', maxDepth?: number): Map<string, string> {
  try {
    return splitObject(text, maxDepth);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const name = field === '' ? 'the body' : field;
    const more = field === '' ? { cause: error } : { field, cause: error };
    throw new YunqueError('bad_request', `${name} must be a JSON object: ${error.message}`, more);
  }
}

function given(fields: RawFields, name: string): string | undefined {
  const raw = fields.get(name);
  return raw === 'null' ? undefined : raw;
}

function isIntegerLiteral(raw: string): boolean {
  return /^-?\d+$/.test(raw);
}

function wrong(field: string, expected: string, raw: string): YunqueError {
  return new YunqueError('bad_request', `${field} must be ${expected}, not ${clip(raw)}`, { field });
}

function clip(raw: string): string {
  return raw.length <= 40 ? raw : `${raw.slice(0, 40)}…`;
}
