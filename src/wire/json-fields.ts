import { YunqueError } from '../api/errors.ts';
import { isObject, isString, splitTexts, unquote } from '../util/raw-json.ts';
import { parseInt64 } from './int64.ts';

/** Raw members of a JSON object by name, as `splitObject` gives them. */
export type RawFields = ReadonlyMap<string, string>;

/**
 * Readers of single members. No type is converted into another. A member that is absent or `null` has its default, as in
 * protobuf's JSON form and in Go. All throw `bad_request` naming the field, `at` before its name (`message.`).
 */
export function readString(fields: RawFields, name: string, at = ''): string {
  return stringOf(fields.get(name), name, at);
}

/** Of the raw value itself. */
export function stringOf(raw: string | undefined, name: string, at: string): string {
  if (isAbsent(raw)) return '';
  if (!isString(raw)) throw wrong(at + name, 'a string', raw);
  return unquote(raw);
}

export function readInteger(fields: RawFields, name: string, at = ''): number {
  const raw = fields.get(name);
  if (isAbsent(raw)) return 0;
  if (!isIntegerLiteral(raw)) throw wrong(at + name, 'an integer', raw);
  const value = Number(raw);
  if (!Number.isSafeInteger(value)) throw wrong(at + name, 'an integer below 2^53', raw);
  // Not -0, which JSON has and nobody means.
  return value + 0;
}

/** An int64: an integer literal below 2^53, or any int64 as a string. */
export function readInt64(fields: RawFields, name: string, at = ''): bigint {
  return int64Of(fields.get(name), name, at);
}

/** Of the raw value itself. */
export function int64Of(raw: string | undefined, name: string, at: string): bigint {
  if (isAbsent(raw)) return 0n;
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
export function readTextMap(fields: RawFields, name: string, at = ''): Map<string, string> {
  const raw = fields.get(name);
  return raw !== undefined && isObject(raw) ? splitTexts(raw) : noMapOf(raw, name, at);
}

/** Of a raw value that is no object: empty, where none was given. */
export function noMapOf(raw: string | undefined, name: string, at: string): Map<string, string> {
  if (isAbsent(raw)) return new Map();
  throw wrong(at + name, 'an object', raw);
}

/** What to refuse text with that could not be gone through; `field` is what to call it, '' for the whole body. An error that is not about the text is given back. */
export function notAnObject(error: unknown, field: string): unknown {
  if (!(error instanceof SyntaxError)) return error;
  const name = field === '' ? 'the body' : field;
  const more = field === '' ? { cause: error } : { field, cause: error };
  return new YunqueError('bad_request', `${name} must be a JSON object: ${error.message}`, more);
}

function isAbsent(raw: string | undefined): raw is undefined | 'null' {
  return raw === undefined || raw === 'null';
}

function isIntegerLiteral(raw: string): boolean {
  return /^-?\d+$/.test(raw);
}

export function wrong(field: string, expected: string, raw: string): YunqueError {
  return new YunqueError('bad_request', `${field} must be ${expected}, not ${clip(raw)}`, { field });
}

export function clip(raw: string): string {
  return raw.length <= 40 ? raw : `${raw.slice(0, 40)}…`;
}
