import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { exitCodes } from '../../../src/api/errors.ts';
import { commands } from '../../../src/cli/commands/index.ts';
import { cli } from './run-cli.ts';

const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');

/** Long options in a help text. */
const optionsIn = (help: string) => new Set(help.match(/(?<=^ {2}(?:-\w, )?)--[\w-]+/gm));

describe('docs/cli.md', () => {
  it('names every command', () => {
    for (const { name } of commands) assert.match(page, new RegExp(`\\b${name}\\b`));
  });

  it('names every global option, and every option of the commands it describes', async () => {
    for (const verb of [
      [],
      ['send'],
      ['group', 'join'],
      ['group', 'ls'],
      ['client', 'kick'],
      ['user', 'ban'],
      ['system', 'rotate-key'],
      ['key', 'rotate'],
      ['node', 'drain'],
      ['stats'],
      ['stop'],
      ['tail'],
      ['ctx', 'add'],
      ['ctx', 'use'],
      ['check'],
      ['doctor'],
      ['connect'],
      ['token', 'mint'],
      ...['fanout', 'group', 'connect', 'api'].map((name) => ['bench', name]),
    ]) {
      const { out } = await cli([...verb, '--help']);
      for (const option of optionsIn(out)) {
        if (['--help', '--version'].includes(option)) continue;
        assert.match(page, new RegExp(`${option}\\b`), `${verb.join(' ')} ${option}`);
      }
    }
  });

  it('names no option that does not exist', async () => {
    const helps = await Promise.all([
      cli(['--help']),
      ...commands.map(({ name }) => cli([name, '--help'])),
      ...['ls', 'join', 'send'].map((name) => cli(['group', name, '--help'])),
      cli(['client', 'kick', '--help']),
      cli(['user', 'ban', '--help']),
      cli(['key', 'rotate', '--help']),
      cli(['token', 'mint', '--help']),
      ...['group', 'api'].map((name) => cli(['bench', name, '--help'])),
      cli(['token', 'check', '--help']),
      ...['add', 'use'].map((name) => cli(['ctx', name, '--help'])),
    ]);
    const known = new Set(helps.flatMap(({ out }) => [...optionsIn(out)]));
    const [present = ''] = page.split('\n## Planned\n');
    for (const option of present.match(/--[a-z][\w-]+/g) ?? []) assert.ok(known.has(option), option);
  });

  it('lists every exit code', () => {
    for (const code of Object.values(exitCodes)) assert.match(page, new RegExp(`^\\| ${code} \\|`, 'm'));
  });
});
