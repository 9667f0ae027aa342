import { isUtf8 } from 'node:buffer';
import { YunqueError } from '../../api/errors.ts';
import type { MessageClass } from '../../api/message-class.ts';
import type { Asked } from './gate.ts';
import { english } from './wording.ts';

export const classHeader = 'x-yunque-class';
export const keyHeader = 'x-yunque-key';

/**
 * The message class of a push, from two headers of ours: bodies are those of the seeds, and a field of ours in one would be somebody's own. `X-Yunque-Class`
 * names a class of `outbox.classes`, `X-Yunque-Key` what of it the message is about, as UTF-8. Empty without them. Throws `bad_request`.
 */
export function readMessageClass({ raw }: Asked, { idBytes }: { readonly idBytes: number }): { class?: MessageClass } {
  const name = raw.headers[classHeader];
  const key = raw.headers[keyHeader];
  if (name === undefined && key === undefined) return {};
  const named = textOf(classHeader, name, idBytes);
  if (named === '') throw wrong(keyHeader, english.missing('X-Yunque-Class'), 'name one of outbox.classes');
  const about = textOf(keyHeader, key, idBytes);
  return { class: { name: named, ...(about !== '' && { key: about }) } };
}

function textOf(header: string, value: string | string[] | undefined, idBytes: number): string {
  if (typeof value !== 'string') return '';
  // Node reads headers as Latin-1.
  const bytes = Buffer.from(value, 'latin1');
  if (!isUtf8(bytes)) throw wrong(header, `${header} is not UTF-8`);
  if (bytes.length > idBytes) throw wrong(header, english.tooLong(header, idBytes));
  return bytes.toString('utf8');
}

function wrong(field: string, message: string, hint?: string): YunqueError {
  return new YunqueError('bad_request', message, { field, ...(hint !== undefined && { hint }) });
}
