import { unsafe } from 'ini';
import type { Problem } from './config-error.ts';
import { type Given, type Layer, type LayerContent, type Position, problemAt } from './given.ts';
import { settingOf } from './keys.ts';
import { nearest, suggestion } from './nearest.ts';
import type { SettingKey } from './schema.ts';

/** The names of go-websocket's `configs/config.ini` and the settings they are here. */
export const iniNames: ReadonlyMap<string, SettingKey> = new Map<string, SettingKey>([
  ['common.cluster', 'cluster.enabled'],
  ['common.crypto_key', 'crypto.key'],
  ['redis.host', 'redis.host'],
  ['redis.port', 'redis.port'],
  ['redis.password', 'redis.password'],
  ['rabbitMQ.amqpurl', 'rabbitmq.url'],
  ['rabbitMQ.exchange', 'rabbitmq.exchange'],
]);

/** Its `crypto_key` may be empty, which `checkKeys` judges; nothing else that is empty says anything. */
const judgedWhenEmpty: ReadonlySet<string> = new Set(['crypto.key', 'cluster.enabled']);

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
    const value: unknown = unsafe(line.slice(equals + 1));
    if (value === '' && !judgedWhenEmpty.has(setting)) continue;
    given.push({
      key: setting,
      raw: settingOf.get(setting)?.kind.fromText(String(value)),
      origin: { layer, label: `${name}:${at.line}`, file: name, ...at },
    });
  }
  return { given: [...given, ...busOf(given)], problems, warnings: [] };
}

/** go-websocket's cluster needs no engine, and uses RabbitMQ where one is named. */
function busOf(given: readonly Given[]): readonly Given[] {
  const clustered = given.find(({ key, raw }) => key === 'cluster.enabled' && raw === true);
  if (clustered === undefined) return [];
  const rabbitmq = given.find(({ key }) => key === 'rabbitmq.url');
  const [raw, { origin }] = rabbitmq === undefined ? ['rpc', clustered] : ['rabbitmq', rabbitmq];
  return [{ key: 'cluster.bus', raw, origin }];
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
