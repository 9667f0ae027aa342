import { environmentName, settingKeys, settingOf } from './keys.ts';
import type { Setting } from './settings/setting.ts';
import { type Language, spell } from './spelling.ts';

const head: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'The configuration of yunque. Every setting stands here with its default, behind "# "; remove these two characters to',
    'change one. As it stands, this file changes nothing.',
    '',
    'Stronger than this file: config-<env>.yaml beside it (--env, YUNQUE_ENV), environment variables, flags.',
    '`yunque config check` finds every mistake; `yunque config show --sources` tells what is in force and where it is from.',
    'Durations: 250ms, 10s, 5m, 1h. Sizes: 64KiB, 1MiB.',
  ],
  zh: [
    'yunque 的配置文件。每项设置都以默认值列出，并以 "# " 注释；去掉这两个字符即可修改。',
    '原样使用时，本文件不改变任何默认值。',
    '',
    '优先于本文件的有：同目录下的 config-<env>.yaml（--env、YUNQUE_ENV）、环境变量、命令行参数。',
    '`yunque config check` 检查全部错误；`yunque config show --sources` 显示生效的值及其来源。',
    '时长写作 250ms、10s、5m、1h；大小写作 64KiB、1MiB。',
  ],
};

/**
 * A YAML file that shows every setting and changes none: sections stand, settings are commented out with `# ` in the
 * place where they take effect once it is removed.
 */
export function configTemplate(language: Language): string {
  const lines = head[language].map(comment);
  let open: readonly string[] = [];
  for (const key of settingKeys) {
    const setting = settingOf.get(key);
    if (setting === undefined) continue;
    const sections = key.split('.').slice(0, -1);
    const kept = sections.findIndex((name, index) => open[index] !== name);
    const shared = kept === -1 ? sections.length : kept;
    lines.push('');
    for (const [index, name] of sections.entries()) if (index >= shared) lines.push(`${indent(index)}${name}:`);
    open = sections;
    const margin = indent(sections.length);
    const width = (language === 'zh' ? 60 : 110) - margin.length;
    for (const text of explain(key, setting, language))
      lines.push(...wrap(text, width).map((line) => margin + comment(line)));
    lines.push(margin + comment(`${key.slice(key.lastIndexOf('.') + 1)}: ${spellShown(setting)}`.trimEnd()));
  }
  return `${lines.join('\n')}\n`;
}

/** Paragraphs: what the setting means; what it takes. */
function explain(key: string, setting: Setting, language: Language): readonly string[] {
  const isZh = language === 'zh';
  const { range } = setting.kind;
  const facts: string[] = [];
  if (range !== undefined) facts.push(isZh ? `取值：${range}。` : `Takes ${range}.`);
  if (setting.unset !== undefined) facts.push(isZh ? `不设置时：${setting.unset.zh}。` : `Unset: ${setting.unset.en}.`);
  const name = environmentName(key);
  if (setting.secret === true) facts.push(isZh ? `也可用 ${name} 或 ${name}_FILE。` : `Or ${name}, ${name}_FILE.`);
  return [setting[language], facts.join(isZh ? '' : ' ')];
}

function spellShown(setting: Setting): string {
  const shown = setting.default ?? setting.example;
  return shown === undefined ? '' : spell(shown);
}

function comment(text: string): string {
  return text === '' ? '#' : `# ${text}`;
}

function indent(depth: number): string {
  return '  '.repeat(depth);
}

/** Breaks at spaces; Chinese, which has none, after its punctuation. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of text.match(/[^ ，；。：、]*[ ，；。：、]*/g) ?? []) {
    if (line !== '' && (line + part).trimEnd().length > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += part;
  }
  if (line !== '') lines.push(line.trimEnd());
  return lines;
}
