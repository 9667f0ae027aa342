import stringWidth from 'string-width';
import { iniNames } from '../config/ini-file.ts';
import { environmentName, settingKeys, settingOf } from '../config/keys.ts';
import type { Setting } from '../config/settings/setting.ts';
import { type Language, spell } from '../config/spelling.ts';
import { configProse } from './config-prose.ts';

/** `docs/configuration.md`, or its Chinese twin: the prose, and every setting from the schema. */
export function configPage(language: Language): string {
  const prose = configProse[language];
  const general = settingKeys.filter((key) => !key.includes('.'));
  const sections = [
    ...new Set(settingKeys.filter((key) => key.includes('.')).map((key) => key.slice(0, key.indexOf('.')))),
  ];
  const tables = sections.map((section) => {
    const keys = settingKeys.filter((key) => key.startsWith(`${section}.`));
    return `### \`${section}\`\n\n${settingTable(keys, language)}`;
  });
  return [
    prose.head,
    table(prose.commandHeads, prose.commands),
    prose.secrets,
    `## ${prose.settings}`,
    `### ${prose.general}`,
    settingTable(general, language),
    ...tables,
    `## ${prose.ini}`,
    iniTable(language),
    prose.iniNotes,
  ].join('\n\n');
}

function settingTable(keys: readonly string[], language: Language): string {
  const { columns } = configProse[language];
  const rows = keys.map((key) => {
    const setting = settingOf.get(key);
    return setting === undefined ? [] : settingRow(key, setting, language);
  });
  return table([columns.key, columns.takes, columns.default, columns.meaning], rows);
}

function settingRow(key: string, setting: Setting, language: Language): readonly string[] {
  const { kind } = setting;
  const { types, secret } = configProse[language];
  const takes = [types[kind.type] ?? kind.type, ...(kind.range === undefined ? [] : [`\`${kind.range}\``])].join(
    '<br>',
  );
  const usual = setting.unset?.[language] ?? `\`${spell(setting.default)}\``;
  const variable = `\`${environmentName(key)}\`${setting.secret === true ? secret(environmentName(key)) : ''}`;
  const name = `\`${key}\`${setting.reload !== undefined ? ' ↻' : ''}`;
  return [name, takes, usual, `${setting[language]}<br>${variable}`];
}

function iniTable(language: Language): string {
  const { columns } = configProse[language];
  const rows = [...iniNames].map(([name, setting]) => {
    const [section = '', key = ''] = name.split('.');
    return [`\`[${section}] ${key}\``, `\`${setting}\``];
  });
  return table([columns.ini, columns.key], rows);
}

/** Columns padded to one width on the screen, as the formatter of the project does it. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, ...rows].map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = heads.map((_, column) => Math.max(3, ...lines.map((cells) => stringWidth(cells[column] ?? ''))));
  const pad = (cell: string, column: number) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell));
  const [head = [], ...body] = lines.map((cells) => cells.map(pad));
  const rule = widths.map((width) => '-'.repeat(width));
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
