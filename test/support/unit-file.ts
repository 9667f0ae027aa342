import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the project, as it is delivered. */
export function shipped(path: string): string {
  return readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
}

/** `text` with each key replaced by its value; every key has to be there exactly once, or the test would try another file. */
export function adjusted(text: string, changes: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [from, to] of Object.entries(changes)) {
    const found = result.split(from).length - 1;
    if (found !== 1) throw new Error(`expected "${from}" once, found it ${found} times`);
    result = result.replace(from, () => to);
  }
  return result;
}

/** The settings of a file in the form of systemd's units: each key with its values in order, from all sections. */
export function unitSettings(text: string): ReadonlyMap<string, readonly string[]> {
  const settings = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^([A-Za-z]\w*)=(.*)$/.exec(line) ?? [];
    if (key !== undefined) settings.set(key, [...(settings.get(key) ?? []), value ?? '']);
  }
  return settings;
}

/** `NAME=value` → `{ NAME: 'value' }`. */
export function variables(assignments: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    assignments.map((text) => {
      const mark = text.indexOf('=');
      return [text.slice(0, mark), text.slice(mark + 1).replace(/^"(.*)"$/, '$1')];
    }),
  );
}
