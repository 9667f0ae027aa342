import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CommandNode, flatten } from '../../../src/cli/command-tree.ts';
import { exampleLine, exampleShows } from '../../../src/cli/examples.ts';
import { cli, wholeTree } from './run-cli.ts';

const han = /\p{Script=Han}/u;
const tree = await wholeTree('en');
const chinese = await wholeTree('zh');
const nodes = flatten(tree).filter(({ path }) => path.length > 0);
const nameOf = ({ path }: CommandNode) => path.join(' ');

const wordsOf = (node: CommandNode): (readonly [what: string, words: string])[] => [
  [nameOf(node), node.summary],
  ...node.arguments.map(({ name, summary }) => [`${nameOf(node)} <${name}>`, summary] as const),
  ...node.options.map(({ form, summary }) => [`${nameOf(node)} ${form}`, summary] as const),
];

describe('the help of every command', () => {
  it('has words in English for the command, each argument and each option', () => {
    for (const [what, words] of flatten(tree).flatMap(wordsOf)) {
      assert.ok(words, what);
      assert.doesNotMatch(words, han, what);
    }
  });

  it('has words in Chinese for all of them, and nothing that another language has not', () => {
    for (const [what, words] of flatten(chinese).flatMap(wordsOf)) assert.match(words ?? '', han, what);
    const shape = (each: CommandNode) => wordsOf(each).map(([what]) => what);
    assert.deepEqual(flatten(chinese).map(shape), flatten(tree).map(shape));
  });

  it('shows how it is used: each command is in an example of its own', () => {
    for (const node of nodes) {
      assert.ok(node.examples.length > 0, `${nameOf(node)} has no examples`);
      const shows = node.examples.some((line) => exampleShows(line, node.path));
      assert.ok(shows, `${nameOf(node)} is in none of its examples`);
    }
  });

  it('has no example with an option or a command that does not exist', () => {
    const lines = nodes.flatMap(({ examples }) => examples.map(exampleLine));
    for (const part of lines.flatMap((line) => line.split(/ (?:\||>|&&) /)).filter((each) => /^yunque /.test(each))) {
      const leaf = nodes.findLast(({ path, children }) => children.length === 0 && exampleShows(part, path));
      assert.ok(leaf !== undefined, part);
      const known = new Set([...leaf.options, ...tree.options].flatMap(({ flags }) => flags));
      for (const [flag] of part.replaceAll(/'[^']*'/g, '').matchAll(/(?<= )--?[a-zA-Z][\w-]*/g))
        assert.ok(known.has(flag), `${part}: ${flag}`);
    }
  });

  it('is printed in both languages, with examples, the global options, and no word of the parser left in English', async () => {
    for (const { path } of flatten(tree)) {
      const english = await cli([...path, '--help']);
      assert.equal(english.exit, 0);
      assert.match(english.out, new RegExp(`^Usage: yunque ?${path.join(' ')}`));
      assert.doesNotMatch(english.out, han);
      const { exit, out } = await cli([...path, '--help', '--lang', 'zh']);
      assert.equal(exit, 0);
      assert.match(out, /^用法：/);
      assert.doesNotMatch(out, /default:|choices:|Usage:|Options:|Arguments:|Commands:|Examples:/, path.join(' '));
      if (path.length > 0) assert.match(out, /^示例：\n {2}\S/m, path.join(' '));
      for (const option of [
        '--server',
        '--context',
        '--system',
        '--key-file',
        '--ca-file',
        '--timeout',
        '--output',
        '--json',
        '--quiet',
        '--verbose',
        '--no-color',
        '--yes',
        '--dry-run',
        '--lang',
      ])
        assert.match(out, new RegExp(`${option}\\b`), `${path.join(' ')} ${option}`);
    }
  });
});

describe('man', () => {
  it('names every command, argument, option, exit code and example of the help', async () => {
    for (const language of ['en', 'zh'] as const) {
      const { exit, out } = await cli(['man', '--lang', language]);
      assert.equal(exit, 0);
      const plain = out
        .replaceAll('\\-', '-')
        .replaceAll(/\\f[BIR]|\\:/g, '')
        .replaceAll('\\(aq', "'")
        .replaceAll('\\(dq', '"')
        .replaceAll('\\(ti', '~')
        .replaceAll('\\(ga', '`')
        .replaceAll('\\e', '\\');
      for (const node of flatten(language === 'en' ? tree : chinese)) {
        if (node.children.length === 0) assert.ok(plain.includes(`.SS "yunque ${nameOf(node)}"`), nameOf(node));
        for (const { form } of node.options) assert.ok(plain.includes(form), form);
        for (const line of node.examples) assert.ok(plain.includes(exampleLine(line)), line);
      }
      for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 78, 130]) assert.match(plain, new RegExp(`^${code}$`, 'm'));
    }
    assert.deepEqual(Object.keys(JSON.parse((await cli(['man', '--json'])).out)), ['schema', 'page']);
  });
});
