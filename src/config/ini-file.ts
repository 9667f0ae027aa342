import { unsafe } from 'ini';
import type { Problem } from './config-error.ts';
import { type Given, type Layer, type LayerContent, type Position, problemAt } from './given.ts';
import { settingOf } from './keys.ts';
import { nearest, suggestion } from './nearest.ts';

/**
 * The names of go-websocket's `configs/config.ini` and the settings they are here. `undefined`: known, and without a
 * meaning while there is no cluster mode.
 */
export const iniNames: ReadonlyMap<string, string | undefined> = new Map([
  ['common.cluster', 'cluster'],
  ['common.crypto_key', 'crypto.key'],
  ['redis.host', undefined],
  ['redis.port', undefined],
  ['redis.password', undefined],
  ['rabbitMQ.amqpurl', undefined],
  ['rabbitMQ.exchange', undefined],
]);

const sections = [...new Set([...iniNames.keys()].map((known) => known.slice(0, known.indexOf('.'))))];

const elsewhere =
  'INI files hold go-websocket’s settings only; `yunque config convert` makes a YAML file, which holds all';

/** Reads go-websocket's INI file. Values are unquoted and cut at `;` and `#` as the `ini` package does it. */
export function readIniFile(text: string, options: { readonly name: string; readonly layer: Layer }): LayerContent {
  const { name, layer } = options;
  const given: Given[] = [];
  const problems: Problem[] = [];
  const seen = new Map<string, number>();
  let section: string | undefined;
  let isSectionKnown = true;
  for (const [index, source] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = source.trim();
    const at: Position = { line: index + 1, column: source.length - source.trimStart().length + 1 };
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    if (line.startsWith('[')) {
      section = /^\[([^\]]*)\]\s*([;#].*)?$/.exec(line)?.[1]?.trim() ?? line;
      isSectionKnown = sections.includes(section);
      if (!isSectionKnown) problems.push(problemAt(name, at, unknown('section', section, sections), section));
      continue;
    }
    if (!isSectionKnown) continue;
    if (section === undefined) {
      problems.push(problemAt(name, at, 'expected a section such as [common] above the first key'));
      isSectionKnown = false;
      continue;
    }
    const equals = line.indexOf('=');
    const key = `${section}.${equals === -1 ? line : line.slice(0, equals).trim()}`;
    const problem = checkLine(key, equals !== -1, seen.get(key));
    if (problem !== undefined) {
      problems.push(problemAt(name, at, problem, key));
      continue;
    }
    seen.set(key, at.line);
    const setting = iniNames.get(key);
    if (setting === undefined) continue;
    const value = unsafe(line.slice(equals + 1));
    given.push({
      key: setting,
      raw: settingOf.get(setting)?.kind.fromText(value),
      origin: { layer, label: `${name}:${at.line}`, file: name, ...at },
    });
  }
  return { given, problems, warnings: [] };
}

function checkLine(key: string, hasValue: boolean, before: number | undefined): string | undefined {
  if (!iniNames.has(key)) return unknown('key', key, [...iniNames.keys()]);
  if (!hasValue) return `${key}: expected "=" and a value`;
  return before === undefined ? undefined : `${key}: given twice, first in line ${before}`;
}

function unknown(what: 'key' | 'section', given: string, known: readonly string[]): string {
  const near = suggestion(nearest(given, known));
  return `unknown ${what} ${JSON.stringify(given)}${near === '' ? ` – ${elsewhere}` : near}`;
}
