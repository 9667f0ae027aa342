import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { shells } from '../../src/cli/completion/scripts.ts';
import { openTerminal } from '../support/pty.ts';
import { requireTool } from '../support/tool.ts';
import { cli } from '../unit/cli/run-cli.ts';
import { startFakeAdmin } from '../unit/client/fake-admin.ts';

/** The first letter of each is typed; what stands behind it must come as it is, and do nothing. */
const names = [
  'a $(touch PWNED)',
  "c'd",
  'd"e',
  'e;touch PWNED',
  'f\\n',
  'g*&|<>',
  'h:i:j',
  'k=l',
  'm!n',
  'o#~',
  '云雀 1',
  // The last: bash itself takes a word behind an escaped backtick for a file.
  'b`touch PWNED`',
];

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yunque-shells-'));
  const main = new URL('../../src/main.ts', import.meta.url).pathname;
  // Asks for names as the real one does, and keeps the arguments of every other call.
  await writeFile(
    join(folder, 'yunque'),
    `#!/bin/sh
for each; do if [ "$each" = __complete ]; then exec '${process.execPath}' '${main}' "$@"; fi; done
printf '%s\\0' "$@" > "$YUNQUE_TEST_OUT.part" && mv "$YUNQUE_TEST_OUT.part" "$YUNQUE_TEST_OUT"
`,
  );
  await chmod(join(folder, 'yunque'), 0o755);
  for (const shell of shells) await writeFile(join(folder, `script.${shell}`), (await cli(['completion', shell])).out);
});
after(() => rm(folder, { recursive: true, force: true }));

const start: Record<(typeof shells)[number], (script: string) => { args: string[]; setUp: string }> = {
  bash: (script) => ({ args: ['--norc', '--noprofile', '-i'], setUp: `set +o histexpand; source '${script}'` }),
  zsh: (script) => ({ args: ['-f', '-i'], setUp: `autoload -Uz compinit; compinit -u -D; source '${script}'` }),
  fish: (script) => ({ args: ['--no-config', '-i'], setUp: `source '${script}'` }),
};

/** A shell with the script loaded, whose completion asks `admin`. */
async function openShell(t: TestContext, shell: (typeof shells)[number], server: string) {
  const home = join(folder, `${shell}-${t.name.replaceAll(/\W/g, '')}`);
  await mkdir(join(home, 'yunque'), { recursive: true });
  const contexts = { current: 'fake', contexts: { fake: { server }, other: { server: 'http://127.0.0.1:1' } } };
  await writeFile(join(home, 'yunque', 'contexts.json'), JSON.stringify(contexts));
  const out = join(home, 'out');
  const { args, setUp } = start[shell](join(folder, `script.${shell}`));
  const terminal = await openTerminal({
    command: 'env',
    args: ['-C', home, await requireTool(shell, shell), ...args],
    columns: 200,
    env: {
      PATH: `${folder}:${process.env['PATH']}`,
      HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_STATE_HOME: home,
      YUNQUE_TEST_OUT: out,
      YUNQUE_COMPLETION_TIMEOUT: '20s',
      YUNQUE_KEY: '',
      YUNQUE_SERVER: '',
      PS1: '> ',
    },
  });
  t.after(() => terminal[Symbol.asyncDispose]());
  terminal.type(`${setUp}; yunque ready\r`);
  const argumentsOf = async () => {
    await terminal.until('the command is run', () => existsSync(out));
    const text = await readFile(out, 'utf8');
    await rm(out);
    return text.split('\0').slice(0, -1);
  };
  assert.deepEqual(await argumentsOf(), ['ready']);
  return {
    home,
    /** What the command got for a line; `\t` completes. */
    async enter(line: string) {
      terminal.type(`${line}\r`);
      return await argumentsOf();
    },
  };
}

const users = () => {
  const items = [...names, 'line\nbreak', 'esc\u001b[31m'].map((uid) => ({ uid, system: 's' }));
  return { items, total: items.length };
};

for (const shell of shells) {
  describe(`in ${shell}`, () => {
    it('names come as they are, whatever is in them, and nothing in them is run', async (t) => {
      const admin = await startFakeAdmin(t, { 'GET /users': users() });
      const { home, enter } = await openShell(t, shell, admin.url);
      const typed = names.map((name) => `${[...name][0]}\t`).join(' ');
      assert.deepEqual(await enter(`yunque user online ${typed}`), ['user', 'online', ...names]);
      assert.ok(!existsSync(join(home, 'PWNED')));
      assert.match(admin.asked[0]!.path, /^\/users\?limit=1000&where=uid%7Ea$/);
    });

    it('commands, options and their values are completed, and names by the server and system of the line', async (t) => {
      const nobody = await startFakeAdmin(t);
      const admin = await startFakeAdmin(t, { 'GET /groups': { items: [{ group: 'room 1', system: 's' }], total: 1 } });
      const { enter } = await openShell(t, shell, nobody.url);
      assert.deepEqual(await enter(`yunque -s ${admin.url} -S shop gro\t memb\t ro\t --js\t`), [
        '-s',
        admin.url,
        '-S',
        'shop',
        'group',
        'members',
        'room 1',
        '--json',
      ]);
      assert.match(admin.asked[0]!.path, /^\/groups\?.*system=shop/);
      assert.equal(nobody.asked.length, 0);
      assert.deepEqual(await enter('yunque ctx use oth\t'), ['ctx', 'use', 'other']);
      assert.deepEqual(await enter('yunque stats --output nd\t -C fa\t'), [
        'stats',
        '--output',
        'ndjson',
        '-C',
        'fake',
      ]);
      assert.deepEqual(await enter(`yunque send --server=${admin.url} --group=x,ro\t hi`), [
        'send',
        `--server=${admin.url}`,
        '--group=x,room 1',
        'hi',
      ]);
    });
  });
}
