import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { commands } from '../../../src/cli/commands/index.ts';
import { chooseLanguage } from '../../../src/cli/text/choose.ts';
import { en } from '../../../src/cli/text/en.ts';
import { zh } from '../../../src/cli/text/zh.ts';
import { startFakeAdmin } from '../client/fake-admin.ts';
import { cli, startCli, until } from './run-cli.ts';

describe('help', () => {
  it('without a command lists every command, on standard output, and is no failure', async () => {
    const { exit, out, err } = await cli([]);
    assert.equal(exit, 0);
    assert.equal(err, '');
    for (const { name } of commands) assert.match(out, new RegExp(`^  ${name}\\b`, 'm'));
  });

  for (const { name } of commands) {
    it(`of ${name} says how to use it, in both languages`, async () => {
      const english = await cli([name, '--help']);
      assert.equal(english.exit, 0);
      assert.match(english.out, new RegExp(`^Usage: yunque ${name}`));
      const chinese = await cli([name, '--help', '--lang', 'zh']);
      assert.match(chinese.out, new RegExp(`^用法： yunque ${name}`));
    });
  }

  it('of a sub-command is shown by `help` as well', async () => {
    const { out } = await cli(['help', 'group', 'join']);
    assert.match(out, /^Usage: yunque group join/);
  });

  it('of a command that does not exist is a mistake, with a suggestion', async () => {
    const { exit, err } = await cli(['help', 'grop']);
    assert.equal(exit, 2);
    assert.match(err, /Did you mean group/);
    assert.equal((await cli(['help'])).exit, 0);
  });

  it('of a group without a sub-command is a failure of usage, on standard error', async () => {
    const { exit, out, err } = await cli(['group']);
    assert.equal(exit, 2);
    assert.equal(out, '');
    assert.match(err, /Usage: yunque group/);
  });
});

describe('a mistake in the command line', () => {
  for (const [args, expected] of [
    [['sned'], /unknown command 'sned'[\s\S]*Did you mean send/],
    [['send', '--uids', 'a', 'x'], /unknown option '--uids'[\s\S]*Did you mean --uid/],
    [['group', 'shwo', 'g'], /unknown command 'shwo'[\s\S]*Did you mean show/],
    [['group', 'show'], /missing required argument 'group'/],
    [['stats', '-o', 'xml'], /Allowed choices are table/],
    [['stats', '--timeout', '5'], /5s or 500ms/],
    [['stats', '--json', '-o', 'csv'], /cannot be used with/],
    [['send', '--uid', 'a', '--code', 'x', 'y'], /whole number/],
    [['send', '--uid', 'a,,b', 'y'], /none of them empty/],
    [['client', 'ls', '--where', 'nonsense'], /field=value/],
    [['client', 'ls', '--limit', '1001'], /from 1 to 1000/],
    [['stats', '-s', 'ftp://x'], /not a server address/],
    [['version', 'extra'], /too many arguments/],
  ] as const) {
    it(`exits with 2 and says what is right: ${args.join(' ')}`, async () => {
      const { exit, out, err } = await cli(args);
      assert.equal(exit, 2);
      assert.equal(out, '');
      assert.match(err, expected);
    });
  }

  it('is told in Chinese where that is asked for', async () => {
    const { exit, err } = await cli(['sned'], { env: { LANG: 'zh_CN.UTF-8' } });
    assert.equal(exit, 2);
    assert.match(err, /错误：没有命令 'sned'\n（是否想输入 send？）/);
  });
});

describe('the language', () => {
  for (const [args, env, expected] of [
    [[], {}, 'en'],
    [[], { LANG: 'zh_CN.UTF-8' }, 'zh'],
    [[], { LANG: 'zh_TW', LC_ALL: 'C' }, 'en'],
    [[], { LANG: 'C', LC_MESSAGES: 'zh_CN' }, 'zh'],
    [['--lang', 'en'], { LANG: 'zh_CN' }, 'en'],
    [['send', '--lang=zh'], {}, 'zh'],
    [['send', '--', '--lang=zh'], {}, 'en'],
  ] as const) {
    it(`is ${expected} for ${JSON.stringify(args)} and ${JSON.stringify(env)}`, () => {
      assert.equal(chooseLanguage(args, env), expected);
    });
  }

  it('has the same texts in both', () => {
    const shape = (value: unknown): unknown =>
      typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shape(each)]))
        : typeof value;
    assert.deepEqual(shape(zh), shape(en));
  });
});

describe('the exit code', () => {
  it('is 5 where no node is found, with what to do', async () => {
    const { exit, out, err } = await cli(['stats']);
    assert.equal(exit, 5);
    assert.equal(out, '');
    assert.match(err, /hint: .*yunque serve 7001/);
  });

  it('is 5 where nobody listens', async () => {
    const closed = createServer().listen(0);
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    assert.equal((await cli(['stats', '-s', String(port)])).exit, 5);
  });

  it('is 6 where the node does not answer in time', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /stats': () => new Promise(() => {}) });
    const { exit, err } = await cli(['stats', '-s', admin.url, '--timeout', '50ms']);
    assert.equal(exit, 6);
    assert.match(err, /50 ms/);
  });

  it('is 4 where the node wants another key', async (t) => {
    const { refuse } = await import('../client/fake-admin.ts');
    const admin = await startFakeAdmin(t, {
      'GET /stats': (_: unknown, response: never) =>
        refuse(response, 401, { code: 'unauthorized', message: 'no', hint: 'bring a key' }),
    });
    const { exit, err } = await cli(['stats', '-s', admin.url]);
    assert.equal(exit, 4);
    assert.match(err, /^error: no\nhint: .*--key-file/);
  });

  it('is 130 after Ctrl-C, without a word', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /stats': () => new Promise(() => {}) });
    const running = startCli(['stats', '-s', admin.url]);
    await until(() => admin.asked.length === 1);
    running.interrupt();
    assert.deepEqual(await running.done, { exit: 130, out: '', err: '' });
  });

  it('is 0 where the reader of standard output goes away', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /stats': () => new Promise(() => {}) });
    const running = startCli(['stats', '-s', admin.url]);
    await until(() => admin.asked.length === 1);
    running.breakPipe();
    assert.deepEqual(await running.done, { exit: 0, out: '', err: '' });
  });
});

describe('global options', () => {
  it('are taken before and after the command', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /groups': { items: [], total: 0 } });
    const before = await cli(['-s', admin.url, '--json', '-S', 'shop', 'group', 'ls']);
    const after = await cli(['group', 'ls', '-S', 'shop', '--json', '-s', admin.url]);
    assert.deepEqual(before, after);
    assert.deepEqual(
      admin.asked.map(({ path }) => path),
      ['/groups?system=shop', '/groups?system=shop'],
    );
  });

  it('read the key from standard input', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /groups': { items: [], total: 0 } });
    await cli(['group', 'ls', '-s', admin.url, '--key-file', '-'], { stdin: 'top-secret\n' });
    assert.equal(admin.asked[0]!.headers.authorization, 'Bearer top-secret');
  });

  it('-v says whom it talks to, on standard error; -q silences notes', async (t) => {
    const admin = await startFakeAdmin(t, {
      'GET /groups': { items: [{ group: 'g', system: 's', members: 1 }], total: 5, cursor: 'c' },
    });
    assert.match((await cli(['group', 'ls', '-v', '-s', admin.url])).err, new RegExp(admin.url));
    assert.equal((await cli(['group', 'ls', '-q', '-s', admin.url])).err, '');
  });
});

describe('a number as command', () => {
  it('means serve', async () => {
    const { out } = await cli(['666', '--help']);
    assert.match(out, /^Usage: yunque serve/);
  });
});
