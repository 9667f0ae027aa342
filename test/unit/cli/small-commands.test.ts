import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { closeMeaning } from '../../../src/api/close-code.ts';
import { errorTable, exitCodes, YunqueError } from '../../../src/api/errors.ts';
import { commands } from '../../../src/cli/commands/index.ts';
import { describeFailure, reportFailure } from '../../../src/cli/report-failure.ts';
import { en } from '../../../src/cli/text/en.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import { StartError } from '../../../src/util/start-error.ts';
import { createFakeStats } from '../../support/fake-stats.ts';
import { startFakeAdmin } from '../client/fake-admin.ts';
import { cli } from './run-cli.ts';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-cli-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

describe('id decode', () => {
  const vectors = [
    ['asdf1234qwer7894', 'pqjPM0GJUjlgryzMaslqBAzIknumcdgey1MN+ylWHqY=', 'password123'],
    ['Adba723b7fe06819', 'AAECAwQFBgcICQoLDA0OD3n+C68ADH/P7h+1UJUloxo=', '127.0.0.1:1666'],
  ] as const;

  for (const [key, clientId, address] of vectors) {
    it(`of ${clientId} is ${address}, in either spelling`, async () => {
      const { exit, out } = await cli(['id', 'decode', clientId, '--key-file', '-', '--json'], { stdin: `${key}\n` });
      assert.equal(exit, 0);
      const base64url = Buffer.from(clientId, 'base64').toString('base64url');
      assert.deepEqual(JSON.parse(out), { schema: 'yunque.client-id/1', address, clientId, base64url });
      const again = await cli(['id', 'decode', base64url, '--key-file', '-', '--json'], { stdin: key });
      assert.equal(again.out, out);
    });
  }

  it('tries the keys of the nodes of this machine', async (t) => {
    const folder = await folderOf(t);
    await mkdir(join(folder, 'yunque', '7001'), { recursive: true });
    await mkdir(join(folder, 'yunque', '7002'), { recursive: true });
    await writeFile(join(folder, 'yunque', '7001', 'crypto.key'), '0123456789abcdef');
    await writeFile(join(folder, 'yunque', '7002', 'crypto.key'), vectors[1][0]);
    const { out } = await cli(['id', 'decode', vectors[1][1], '-o', 'plain'], { env: { XDG_STATE_HOME: folder } });
    assert.match(out, /^address\t127\.0\.0\.1:1666\n/);
  });

  it('exits with 1 where no key fits, 2 where there is none or it is no clientId', async (t) => {
    const other = await cli(['id', 'decode', vectors[0][1], '--key-file', '-'], { stdin: '0123456789abcdef' });
    assert.equal(other.exit, 1);
    assert.doesNotMatch(other.err, /0123456789abcdef/);
    const env = { XDG_STATE_HOME: await folderOf(t) };
    assert.equal((await cli(['id', 'decode', vectors[0][1]], { env })).exit, 2);
    assert.equal((await cli(['id', 'decode', '4711'])).exit, 2);
  });
});

describe('errors', () => {
  it('lists every row of the table as json', async () => {
    const { items, schema } = JSON.parse((await cli(['errors', '--json'])).out);
    assert.equal(schema, 'yunque.errors/1');
    assert.deepEqual(
      items,
      Object.entries(errorTable).map(([code, row]) => ({ code, ...row })),
    );
  });

  for (const [asked, expected] of [
    ['kicked', ['kicked']],
    ['4503', ['kicked']],
    ['401', ['unauthorized', 'token_expired']],
  ] as const) {
    it(`${asked} is ${expected}`, async () => {
      const { items } = JSON.parse((await cli(['errors', asked, '--json'])).out);
      assert.deepEqual(
        items.map(({ code }: { code: string }) => code),
        expected,
      );
    });
  }

  it('of an unknown code exits with 2', async () => assert.equal((await cli(['errors', '9999'])).exit, 2));

  for (const [asked, name, exit] of [
    ['1000', 'normal', 0],
    ['1006', 'abnormal', 5],
    ['1003', 'unsupported_data', 1],
  ] as const) {
    it(`${asked} is RFC 6455's ${name}`, async () => {
      const { items } = JSON.parse((await cli(['errors', asked, '--json'])).out);
      assert.deepEqual([items[0].code, items[0].exit, items.length], [name, exit, 1]);
      assert.match((await cli(['errors', asked])).out, new RegExp(`^${name} +- +${asked} `, 'm'));
    });
  }

  it('are in the operator’s language for people, and the same for programs', async () => {
    const zh = (await cli(['errors', 'unknown_client', '--lang', 'zh'])).out;
    assert.match(zh, /客户端不存在/);
    assert.doesNotMatch((await cli(['errors', '--lang', 'en'])).out, /\p{Script=Han}/u);
    assert.equal((await cli(['errors', '--json', '--lang', 'zh'])).out, (await cli(['errors', '--json'])).out);
    assert.match((await cli(['errors', '--lang', 'zh'])).err, /退出码：0 完成/);
  });

  it('says the exit codes in words on standard error', async () => {
    const { err } = await cli(['errors']);
    for (const code of Object.values(exitCodes)) assert.match(err, new RegExp(`\\b${code} `));
    assert.match(err, /6 timed out .* 78 bad configuration/);
  });

  it('every close code of the table has its meaning', () => {
    for (const { close } of Object.values(errorTable)) assert.notEqual(closeMeaning(close).name, 'unknown');
  });
});

describe('version', () => {
  it('says what it is, in every form', async () => {
    assert.match((await cli(['version'])).out, /^yunque \d+\.\d+\.\d+\n$/);
    assert.match((await cli(['-V', '-q'])).out, /^yunque \d+\.\d+\.\d+\n$/);
    const { schema, name, runtime } = JSON.parse((await cli(['version', '--json'])).out);
    assert.deepEqual([schema, name, runtime], ['yunque.version/1', 'yunque', process.version]);
  });
});

describe('completion', () => {
  const script = async (shell: string) => (await cli(['completion', shell])).out;

  /** What bash offers after these words; the last one is being typed. */
  const offered = (source: string, words: readonly string[]) => {
    const run = `${source}\nCOMP_LINE='${words.join(' ')}'; COMP_POINT=\${#COMP_LINE}; _yunque yunque; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', run], { encoding: 'utf8' }).trim().split('\n');
  };

  it('for bash offers commands, sub-commands, options and their values', async () => {
    const source = await script('bash');
    const verbs = offered(source, ['yunque', '']);
    for (const { name } of commands) assert.ok(verbs.includes(name), name);
    assert.deepEqual(offered(source, ['yunque', 'gr']), ['group']);
    assert.deepEqual(offered(source, ['yunque', '--json', 'group', 'sh']), ['show']);
    assert.deepEqual(offered(source, ['yunque', 'send', '--allow']), ['--allow-offline']);
    assert.deepEqual(offered(source, ['yunque', 'group', 'send', 'g', '--allow']), ['--allow-offline']);
    assert.deepEqual(offered(source, ['yunque', 'stats', '-o', 'c']), ['csv']);
    assert.deepEqual(offered(source, ['yunque', 'connect', '--dialect', 'cim']), ['cim', 'cim-json']);
    assert.deepEqual(offered(source, ['yunque', 'client', 'ls', '--al']), ['--all']);
  });

  it('offers the name of a group that is called like a command nothing but its own', async () => {
    assert.deepEqual(offered(await script('bash'), ['yunque', 'group', 'show', 'ls', '--wh']), ['']);
  });

  for (const shell of ['zsh', 'fish']) {
    it(`for ${shell} names every command`, async () => {
      const source = await script(shell);
      for (const { name } of commands) assert.match(source, new RegExp(`['( ]${name}[':]`));
    });
  }

  it('for another shell exits with 2', async () => assert.equal((await cli(['completion', 'tcsh'])).exit, 2));
});

describe('what cannot be served', () => {
  for (const args of [['serve', 'abc'], ['serve', '99999'], ['99999'], ['serve', '-1']]) {
    it(`${args.join(' ')} is a mistake of the command line: 2`, async () => {
      const { exit, err } = await cli(args);
      assert.equal(exit, 2, err);
    });
  }
});

describe('config check', () => {
  it('begins each finding with its place, below the number of findings', async (t) => {
    const file = join(await folderOf(t), 'c.yaml');
    await writeFile(file, 'log:\n  levle: 1\nport: x\n');
    const { exit, err } = await cli(['config', 'check', file]);
    assert.equal(exit, 78);
    const [head, ...findings] = err.trimEnd().split('\n');
    assert.equal(head, 'error: the configuration has 2 problems');
    assert.deepEqual(
      findings.map((line) => line.slice(0, file.length + 5)),
      [`${file}:2:3:`, `${file}:3:7:`],
    );
  });

  it('of a file that is not there says how it was named', async () => {
    assert.match(
      (await cli(['config', 'check', '/nope.yaml'])).err,
      /^\/nope\.yaml: no such file \(named by the argument\)$/m,
    );
    assert.match((await cli(['config', 'show', '--config', '/nope.yaml'])).err, /\(named by --config\)$/m);
  });
});

describe('top', () => {
  it('of one system shows its clients, and refuses to show nodes of it', async (t) => {
    const stats = await createFakeStats({ nodes: 1 }).stats();
    const list = { kind: 'connections', page: { items: [], total: 0 } };
    const admin = await startFakeAdmin(t, { 'GET /snapshot': { schema: 'yunque.snapshot/1', stats, list } });
    const once = ['top', '--once', '--max-refresh', '1', '-S', 'shop', '-s', admin.url];
    assert.equal((await cli(once)).exit, 0);
    assert.match(admin.asked.at(-1)?.path ?? '', /^\/snapshot\?.*system=shop/);
    const { exit, err } = await cli([...once, '--view', 'nodes']);
    assert.equal(exit, 2);
    assert.match(err, /--view clients/);
  });

  it('with a filter on a field nobody has says which fields there are: 2', async (t) => {
    const bad = { code: 'bad_request', message: 'there is no field "bogus"', hint: 'fields: cid, uid' };
    const stats = await createFakeStats({ nodes: 1 }).stats();
    const list = { kind: 'connections', error: bad };
    const admin = await startFakeAdmin(t, { 'GET /snapshot': { schema: 'yunque.snapshot/1', stats, list } });
    const args = ['--once', '--max-refresh', '1', '--view', 'clients', '--filter', 'bogus=1', '-s', admin.url];
    const { exit, out, err } = await cli(['top', ...args]);
    assert.deepEqual([exit, out], [2, '']);
    assert.equal(err, 'error: there is no field "bogus"; fields: cid, uid\n');
  });
});

describe('a failure', () => {
  it('keeps the lines of what it says and of its hint, without escapes', () => {
    let err = '';
    const error = new StartError('no port\nno host', { hint: 'two ways out:\n  1. this\u001b[2J\n  2. that' });
    reportFailure(error, { text: en, stderr: { write: (text: string) => (err += text) } });
    assert.equal(err, 'error: no port\nno host\nhint: two ways out:\n  1. this\n  2. that\n');
  });

  const problem = { text: 'configs/config.yaml:3: unknown key "prot", did you mean "port"?' };
  for (const [error, exit, isBug] of [
    [new ConfigError([problem]), 78, false],
    [new StartError('port 80 is taken'), 1, false],
    [new StartError('no good', { exitCode: 78 }), 78, false],
    [new YunqueError('unauthorized'), 4, false],
    [new TypeError('x is not a function'), 1, true],
    ['just a text', 1, true],
  ] as const) {
    it(`${error} exits with ${exit}${isBug ? ' and shows its stack' : ''}`, () => {
      assert.deepEqual([describeFailure(error).exit, describeFailure(error).isBug], [exit, isBug]);
      let err = '';
      reportFailure(error, { text: en, stderr: { write: (text: string) => (err += text) } });
      assert.equal(/\n {4}at /.test(err), isBug && error instanceof Error);
    });
  }
});
