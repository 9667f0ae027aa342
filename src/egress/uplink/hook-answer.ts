import { STATUS_CODES } from 'node:http';
import { isString, splitObject, unquote } from '../../util/raw-json.ts';
import type { Answer } from './request.ts';

const maxCodeLength = 32;

/**
 * What a client is replied after an answer of the hook: `{"code"?,"message"?|"msg"?,"data"?}`, all of them optional, or nothing at all; `data` stays as it
 * was written. Without a code it is 200, or the status of an answer that is no success. Undefined: this is no such answer.
 */
export function readHookAnswer(status: number, text: string): Answer | undefined {
  if (status >= 300 && status < 400) return undefined;
  const fields = fieldsOf(text);
  if (fields === undefined) return undefined;
  const isSuccess = status < 300;
  // Those who write null for nothing mean nothing.
  const said = (name: string) => (fields.get(name) === 'null' ? undefined : fields.get(name));
  const code = codeOf(said('code') ?? String(isSuccess ? 200 : status));
  const words = said('message') ?? said('msg');
  if (code === undefined || (words !== undefined && !isString(words))) return undefined;
  const usual = isSuccess ? 'success' : (STATUS_CODES[status] ?? '');
  const message = words === undefined ? usual : unquote(words);
  const data = fields.get('data');
  return data === undefined ? { code, message } : { code, message, data };
}

/** An integer or a short text. */
function codeOf(raw: string): string | undefined {
  const code = isString(raw) ? unquote(raw) : raw;
  if (code === '' || code.length > maxCodeLength) return undefined;
  return isString(raw) || /^-?\d+$/.test(raw) ? code : undefined;
}

function fieldsOf(text: string): ReadonlyMap<string, string> | undefined {
  if (text.trim() === '') return new Map();
  try {
    return splitObject(text);
  } catch {
    return undefined;
  }
}
