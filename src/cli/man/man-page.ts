import { exitCodes } from '../../api/errors.ts';
import type { CommandArgument, CommandNode, CommandOption } from '../command-tree.ts';
import { flatten } from '../command-tree.ts';
import { exampleLine } from '../examples.ts';
import type { Texts } from '../text/en.ts';
import type { ManTexts } from '../text/man-en.ts';
import { bold, quoted, roffText } from './roff.ts';

export interface ManPageOptions {
  readonly tree: CommandNode;
  readonly text: Texts;
  readonly man: ManTexts;
  readonly version: string;
}

/** The manual page yunque(1), in the roff of man(7) and UTF-8. */
export function manPage({ tree, text, man, version }: ManPageOptions): string {
  const { titles } = man;
  const leaves = flatten(tree).filter(({ children, path }) => children.length === 0 && path.length > 0);
  const examples = [...new Set(flatten(tree).flatMap((node) => node.examples))];
  return [
    // Else old versions of man take it for Latin-1.
    `'\\" -*- coding: utf-8 -*-`,
    `.TH YUNQUE 1 "" ${quoted(`yunque ${version}`)} yunque`,
    // Ragged right: nothing is torn apart where lines hold few spaces.
    '.ad l',
    ...section(titles.name, [`yunque \\- ${roffText(man.short)}`]),
    ...section(titles.synopsis, [
      `${bold('yunque')} [\\fI${roffText(titles.options)}\\fR] \\fI${roffText(titles.commands)}\\fR \\&...`,
    ]),
    ...section(titles.description, man.description.flatMap((paragraph) => ['.PP', roffText(paragraph)]).slice(1)),
    ...section(titles.options, [
      roffText(man.optionsIntro),
      ...tree.options.flatMap((option) => optionLines(option, man)),
    ]),
    ...section(
      titles.commands,
      leaves.flatMap((leaf) => commandLines(leaf, man)),
    ),
    ...section(titles.environment, man.environment.flatMap(definition)),
    ...section(titles.files, man.files.flatMap(definition)),
    ...section(titles.exit, exitLines(text)),
    ...section(titles.examples, ['.nf', ...examples.map((line) => roffText(exampleLine(line))), '.fi']),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return [`.SH ${quoted(title)}`, ...lines];
}

function commandLines(node: CommandNode, man: ManTexts): string[] {
  const name = ['yunque', ...node.path].join(' ');
  const usage = node.arguments.map(formOf).map((form) => ` \\fI${roffText(form)}\\fR`);
  return [
    `.SS ${quoted(name)}`,
    `${bold(name)}${node.options.length > 0 ? ' [\\-\\-...]' : ''}${usage.join('')}`,
    '.PP',
    roffText(capital(node.summary)),
    ...node.arguments.flatMap((argument) => [
      '.TP',
      `\\fI${roffText(argument.name)}\\fR`,
      roffText([argument.summary, ...choices(argument.choices, man)].join('. ')),
    ]),
    ...node.options.flatMap((option) => optionLines(option, man)),
  ];
}

function optionLines({ form, summary, choices: words, fallback }: CommandOption, man: ManTexts): string[] {
  const more = [...choices(words, man), ...(fallback === undefined ? [] : [man.fallback(fallback)])];
  return ['.TP', bold(form), roffText([summary, ...more].join('. '))];
}

function choices(words: readonly string[], man: ManTexts): string[] {
  return words.length === 0 ? [] : [man.choices(words.join(', '))];
}

function formOf({ name, isRequired, isVariadic }: CommandArgument): string {
  const dots = isVariadic ? '...' : '';
  return isRequired ? `<${name}${dots}>` : `[${name}${dots}]`;
}

function definition([name, meaning]: readonly [string, string]): string[] {
  return ['.TP', bold(name), roffText(meaning)];
}

function exitLines({ exits }: Texts): string[] {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  return names.flatMap((name) => definition([String(exitCodes[name]), exits[name]]));
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/\p{Script=Han}/u.test(text) ? '。' : '.'}`;
}
