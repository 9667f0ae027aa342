import type { SendRequest } from '../api/admin.ts';

/**
 * The JSON text of a send. `dataText` becomes `push.data` as it stands: through `JSON.parse` a large integer or `1.0`
 * would not come out as it went in.
 */
export function sendBody(request: SendRequest, dataText?: string): string {
  if (dataText === undefined) return JSON.stringify(request);
  const { push, ...rest } = request;
  const { data: _replaced, ...fields } = push ?? {};
  return insert(JSON.stringify(rest), 'push', insert(JSON.stringify(fields), 'data', dataText));
}

/** Adds a last member to the text of an object. */
function insert(objectText: string, name: string, valueText: string): string {
  const members = objectText.slice(1, -1);
  return `{${members}${members === '' ? '' : ','}"${name}":${valueText}}`;
}

/** JSON stays as it is, byte for byte; anything else becomes a JSON string. */
export function asJsonText(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}
