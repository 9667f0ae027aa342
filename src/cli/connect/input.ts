import { isObject, isString, splitObject, unquote } from '../../util/raw-json.ts';

/** One line of input as a request: `key`, `key {json}` or `{"key":…,"data":{…}}`; undefined for an empty line. Throws SyntaxError. */
export function parseRequestLine(line: string): { readonly key: string; readonly dataText: string } | undefined {
  const text = line.trim();
  if (text === '') return undefined;
  if (isObject(text)) {
    const members = splitObject(text);
    const key = members.get('key');
    if (key === undefined || !isString(key)) throw new SyntaxError('a request needs a "key"');
    return { key: unquote(key), dataText: members.get('data') ?? '{}' };
  }
  const [, key = '', data = ''] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
  if (data === '') return { key, dataText: '{}' };
  splitObject(data);
  return { key, dataText: data };
}
