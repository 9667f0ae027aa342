import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { exitCodes } from '../../../src/api/errors.ts';
import { flatten } from '../../../src/cli/command-tree.ts';
import { wholeTree } from './run-cli.ts';

const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');

const nodes = flatten(await wholeTree());
/** They have pages of their own, or are in the configuration's. */
const elsewhere = ['serve', 'config', 'top'];

describe('docs/cli.md', () => {
  it('names every command', () => {
    for (const { path } of nodes)
      for (const word of path) assert.match(page, new RegExp(`\\b${word}\\b`), path.join(' '));
  });

  it('names every option of every command that is described nowhere else', () => {
    for (const { path, options } of nodes.filter(({ path: [verb = ''] }) => !elsewhere.includes(verb))) {
      for (const option of options.flatMap(({ flags }) => flags.filter((flag) => flag.startsWith('--'))))
        if (option !== '--version') assert.match(page, new RegExp(`${option}\\b`), `${path.join(' ')} ${option}`);
    }
  });

  it('names no option that does not exist', () => {
    const known = new Set([...nodes.flatMap(({ options }) => options.flatMap(({ flags }) => flags)), '--help']);
    const [present = ''] = page.split('\n## Planned\n');
    for (const option of present.match(/--[a-z][\w-]+/g) ?? []) assert.ok(known.has(option), option);
  });

  it('lists every exit code', () => {
    for (const code of Object.values(exitCodes)) assert.match(page, new RegExp(`^\\| ${code} \\|`, 'm'));
  });
});
