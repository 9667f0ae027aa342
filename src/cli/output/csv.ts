import { sanitizeLine } from '../../util/control-characters.ts';

/** One record of RFC 4180, CRLF included. */
export function csvRecord(values: readonly (string | number | boolean)[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}

function csvField(value: string | number | boolean): string {
  const text = String(value)
    .split(/\r\n|[\r\n]/)
    .map(sanitizeLine)
    .join('\r\n');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
