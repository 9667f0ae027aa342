import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { takeLock } from '../../../src/store/exclusive-lock.ts';
import { startFakeAdmin } from '../client/fake-admin.ts';
import { cli } from './run-cli.ts';

const noGroups = { 'GET /groups': { items: [], total: 0 } };

async function desk(t: TestContext) {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'yunque-contexts-')));
  t.after(() => rm(home, { recursive: true, force: true }));
  const folder = join(home, 'yunque');
  const file = join(folder, 'contexts.json');
  const env: Record<string, string> = { XDG_CONFIG_HOME: home };
  const run = (...args: string[]) => cli(args, { env });
  const done = async (...args: string[]) => {
    const ran = await run(...args);
    assert.equal(ran.exit, 0, ran.err);
    return ran;
  };
  const put = async (text: string) => {
    await mkdir(folder, { recursive: true });
    await writeFile(file, text);
  };
  const keyFile = async (name: string, key: string, mode = 0o600) => {
    const path = join(home, name);
    await writeFile(path, `${key}\n`);
    await chmod(path, mode);
    return path;
  };
  return { home, folder, file, env, run, done, put, keyFile };
}

describe('ctx', () => {
  it('keeps contexts in a file of the user’s own, lists them, and forgets them', async (t) => {
    const { folder, file, done } = await desk(t);
    await done('ctx', 'add', 'prod', '-s', 'https://push.example.com', '--use');
    await done('ctx', 'add', 'shop', '-s', '7001', '-S', 'shop');
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), {
      current: 'prod',
      contexts: { prod: { server: 'https://push.example.com' }, shop: { server: '7001', system: 'shop' } },
    });
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual((await readdir(folder)).sort(), ['contexts.json', 'contexts.json.lock']);
    const { schema, items, total } = JSON.parse((await done('ctx', 'ls', '--json')).out);
    assert.equal(schema, 'yunque.contexts/1');
    assert.equal(total, 2);
    assert.deepEqual(items, [
      { name: 'prod', current: true, server: 'https://push.example.com' },
      { name: 'shop', current: false, server: '7001', system: 'shop' },
    ]);
    assert.match((await done('ctx', 'ls')).out, /^\* +prod +https:\/\/push\.example\.com$/m);
    const { out, err } = await done('ctx', 'rm', 'prod', '--json');
    assert.deepEqual(JSON.parse(out), { schema: 'yunque.contexts-removed/1', removed: ['prod'], unknown: [] });
    assert.match(err, /no context is the current one now/);
    assert.equal(JSON.parse((await done('ctx', 'ls', '--json')).out).items.length, 1);
  });

  it('keeps nothing of an address that is never sent: it may be a secret', async (t) => {
    const { file, done } = await desk(t);
    await done('ctx', 'add', 'prod', '-s', 'wss://push.example.com/prefix?token=eyJhbGci#x');
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')).contexts, {
      prod: { server: 'wss://push.example.com/prefix' },
    });
  });

  it('shows one by name, and without a name the one in use', async (t) => {
    const { env, run, done } = await desk(t);
    await done('ctx', 'add', 'a', '-s', '7001');
    await done('ctx', 'add', 'b', '-s', '7002');
    assert.equal((await run('ctx', 'show')).exit, 3);
    await done('ctx', 'use', 'a');
    assert.match((await done('ctx', 'show', '-o', 'plain')).out, /^name\ta\ncurrent\ttrue\nserver\t7001\n/);
    assert.match((await done('ctx', 'show', 'b', '-o', 'plain')).out, /^name\tb\ncurrent\tfalse\n/);
    assert.match((await done('ctx', 'show', '-C', 'b', '-o', 'plain')).out, /^name\tb\n/);
    env['YUNQUE_CONTEXT'] = 'b';
    assert.match((await done('ctx', 'show', '-o', 'plain')).out, /^name\tb\n/);
    assert.match((await done('ctx', 'ls')).err, /YUNQUE_CONTEXT is set, and wins/);
    delete env['YUNQUE_CONTEXT'];
    await done('ctx', 'use', '--none');
    assert.equal((await run('ctx', 'show')).exit, 3);
  });

  it('refuses what cannot be kept', async (t) => {
    const { run, file } = await desk(t);
    for (const [args, expected] of [
      [['ctx', 'add', 'x'], /needs a server/],
      [['ctx', 'add', '../x', '-s', '7001'], /cannot be the name/],
      [['ctx', 'add', '-s', '7001', '--', '-x'], /cannot be the name/],
      [['ctx', 'add', '$(reboot)', '-s', '7001'], /cannot be the name/],
      [['ctx', 'add', 'x', '-s', 'https://me:secret@push.example.com'], /user name or password/],
      [['ctx', 'add', 'x', '-s', '7001', '--key-file', '-'], /never the key/],
      [['ctx', 'use'], /--none/],
      [['ctx', 'use', 'x', '--none'], /--none/],
      [['ctx', 'use', 'x'], /no such context: x/],
      [['ctx', 'show', 'x'], /no such context: x/],
      [['ctx', 'rm', 'x'], /no such context: x/],
      [['stats', '-C', 'x'], /no such context: x\nhint: there are none in .*ctx add/],
    ] as const) {
      const { exit, out, err } = await run(...args);
      assert.deepEqual([exit, out], [2, ''], args.join(' '));
      assert.match(err, expected);
    }
    await assert.rejects(stat(file));
  });

  it('names of any script are names', async (t) => {
    const { done } = await desk(t);
    await done('ctx', 'add', '生产-1.eu', '-s', '7001');
    assert.match((await done('ctx', 'show', '生产-1.eu')).out, /生产-1\.eu/);
    await done('ctx', 'add', '__proto__x', '-s', '7001').catch(() => {});
    await done('ctx', 'add', 'constructor', '-s', '7002');
    assert.equal(JSON.parse((await done('ctx', 'show', 'constructor', '--json')).out).server, '7002');
  });

  it('makes paths absolute, and warns of files that are missing or that others can read', async (t) => {
    const { home, done, keyFile } = await desk(t);
    const key = await keyFile('open.key', 'k', 0o644);
    const { out, err } = await done(
      'ctx',
      'add',
      'x',
      '-s',
      'unix:some/7001.sock',
      '--key-file',
      key,
      '--ca-file',
      'no/ca.pem',
      '--json',
    );
    const { server, keyFile: kept, caFile } = JSON.parse(out);
    assert.deepEqual(
      [server, kept, caFile],
      [`unix:${resolve('some/7001.sock')}`, join(home, 'open.key'), resolve('no/ca.pem')],
    );
    assert.match(err, /chmod o-rwx .*open\.key/);
    assert.match(err, /cannot read .*no\/ca\.pem \(ENOENT\)/);
  });

  it('replaces one only where that was agreed to', async (t) => {
    const { run, done } = await desk(t);
    await done('ctx', 'add', 'x', '-s', '7001', '-S', 'shop', '--use');
    const { exit, err } = await run('ctx', 'add', 'x', '-s', '7002');
    assert.equal(exit, 2);
    assert.match(err, /replace context x\?[\s\S]*--yes/);
    await done('ctx', 'add', 'x', '-s', '7002', '--yes');
    assert.deepEqual(JSON.parse((await done('ctx', 'show', '--json')).out), {
      schema: 'yunque.context/1',
      name: 'x',
      current: true,
      server: '7002',
    });
  });

  it('of several names removes those that are there, and exits with 7', async (t) => {
    const { run, done } = await desk(t);
    await done('ctx', 'add', 'a', '-s', '7001');
    const { exit, out } = await run('ctx', 'rm', 'a', 'b', '--json');
    assert.equal(exit, 7);
    assert.deepEqual(JSON.parse(out), { schema: 'yunque.contexts-removed/1', removed: ['a'], unknown: ['b'] });
  });
});

describe('the file of contexts', () => {
  for (const [what, text, expected] of [
    ['broken JSON', '{\n  "contexts": {\n    "a" 1\n  }\n}\n', /contexts\.json:3:\d+: this is not JSON/],
    ['half a file', '{\n  "contexts": {', /contexts\.json:2(:\d+)?: this is not JSON/],
    ['no object', '[]', /contexts\.json: the file: expected an object, found \[\]/],
    ['another field', '{"context": {}}', /the file: expected no fields but current, contexts, found "context"/],
    ['no server', '{"contexts": {"a": {}}}', /contexts\."a"\.server: expected a server as after -s, found nothing/],
    [
      'a number',
      '{"contexts": {"a": {"server": 7001}}}',
      /contexts\."a"\.server: expected a text that is not empty, found 7001/,
    ],
    [
      'a secret',
      '{"contexts": {"a": {"server": "7001", "key": "s3cret"}}}',
      /contexts\."a": expected no fields but server, system, keyFile, caFile, found "key"/,
    ],
    ['a name that is none', '{"contexts": {"a b": {"server": "7001"}}}', /contexts\."a b": expected a name of letters/],
    [
      'a current one that is not there',
      '{"current": "b", "contexts": {"a": {"server": "7001"}}}',
      /current: expected one of its contexts \(a\), found "b"/,
    ],
  ] as const) {
    it(`with ${what} is refused with 78, and left as it is`, async (t) => {
      const { file, run, put } = await desk(t);
      await put(text);
      for (const args of [
        ['ctx', 'ls'],
        ['ctx', 'add', 'c', '-s', '7001'],
        ['group', 'ls'],
      ]) {
        const { exit, out, err } = await run(...args);
        assert.deepEqual([exit, out], [78, ''], err);
        assert.match(err, expected);
        assert.doesNotMatch(err, /s3cret/);
      }
      assert.equal(await readFile(file, 'utf8'), text);
      assert.equal((await run('version')).exit, 0);
    });
  }

  it('loses nothing where many commands write at once', async (t) => {
    const { home, done } = await desk(t);
    const main = new URL('../../../src/main.ts', import.meta.url).pathname;
    const names = Array.from({ length: 6 }, (_, index) => `p${index}`);
    await Promise.all([
      ...names.map((name) =>
        promisify(execFile)(process.execPath, [main, 'ctx', 'add', name, '-s', '7001'], {
          env: { ...process.env, XDG_CONFIG_HOME: home },
        }),
      ),
      ...names.map((name) => done('ctx', 'add', `own-${name}`, '-s', '7001')),
    ]);
    const { items } = JSON.parse((await done('ctx', 'ls', '--json')).out);
    assert.deepEqual(
      items.map(({ name }: { name: string }) => name),
      [...names.map((name) => `own-${name}`), ...names],
    );
  });

  it('waits for who holds it', async (t) => {
    const { folder, done } = await desk(t);
    await mkdir(folder);
    const lock = takeLock(join(folder, 'contexts.json.lock'))!;
    const adding = done('ctx', 'add', 'a', '-s', '7001');
    setTimeout(() => lock.release(), 50);
    await adding;
  });

  it('stays a link where it is one', async (t) => {
    const { home, folder, file, done } = await desk(t);
    await mkdir(folder);
    const elsewhere = join(home, 'dotfiles.json');
    await writeFile(elsewhere, '{}');
    await symlink(elsewhere, file);
    await done('ctx', 'add', 'a', '-s', '7001');
    assert.ok((await lstat(file)).isSymbolicLink());
    assert.match(await readFile(elsewhere, 'utf8'), /7001/);
  });
});

describe('which server is asked', () => {
  it('is said by -s, else -C, else YUNQUE_SERVER, else YUNQUE_CONTEXT, else the current context', async (t) => {
    const { env, run, done } = await desk(t);
    const admins = await Promise.all(
      ['flag', 'flagContext', 'server', 'envContext', 'current'].map(
        async (name) => [name, await startFakeAdmin(t, noGroups)] as const,
      ),
    );
    const { flag, flagContext, server, envContext, current } = Object.fromEntries(admins) as Record<
      string,
      (typeof admins)[number][1]
    >;
    await done('ctx', 'add', 'current', '-s', current!.url, '-S', 'own', '--use');
    await done('ctx', 'add', 'by-env', '-s', envContext!.url);
    await done('ctx', 'add', 'by-flag', '-s', flagContext!.url);
    const asked = async (...args: string[]) => {
      const before = admins.map(([, admin]) => admin.asked.length);
      await done('group', 'ls', ...args);
      return admins
        .filter(([, admin], index) => admin.asked.length > before[index]!)
        .map(([name]) => name)
        .join();
    };
    assert.equal(await asked(), 'current');
    env['YUNQUE_CONTEXT'] = 'by-env';
    assert.equal(await asked(), 'envContext');
    env['YUNQUE_SERVER'] = server!.url;
    assert.equal(await asked(), 'server');
    assert.equal(await asked('-C', 'by-flag'), 'flagContext');
    assert.equal(await asked('-s', flag!.url), 'flag');
    const both = await run('group', 'ls', '-s', flag!.url, '-C', 'by-flag');
    assert.equal(both.exit, 2);
    assert.match(both.err, /-C by-flag and -s both name a server/);
    env['YUNQUE_CONTEXT'] = '';
    delete env['YUNQUE_SERVER'];
    assert.equal(await asked(), 'current');
    assert.deepEqual(
      current!.asked.map(({ path }) => path),
      ['/groups?system=own', '/groups?system=own'],
    );
    assert.equal(flag!.asked[0]!.path, '/groups');
    assert.equal(server!.asked[0]!.path, '/groups');
  });

  it('takes the context’s key and no other server gets it; a flag wins over it, a variable does not', async (t) => {
    const { env, run, done, keyFile } = await desk(t);
    const admin = await startFakeAdmin(t, noGroups);
    const other = await startFakeAdmin(t, noGroups);
    const key = await keyFile('prod.key', 'of-the-context');
    await done('ctx', 'add', 'prod', '-s', admin.url, '--key-file', key, '-S', 'shop', '--use');
    env['YUNQUE_KEY'] = 'of-the-environment';
    const keyOf = async (at: typeof admin, ...args: string[]) => {
      await done('group', 'ls', ...args);
      const { headers, path } = at.asked.at(-1)!;
      return [headers.authorization, path];
    };
    assert.deepEqual(await keyOf(admin), ['Bearer of-the-context', '/groups?system=shop']);
    const given = await keyFile('given.key', 'of-the-flag');
    assert.deepEqual(await keyOf(admin, '--key-file', given, '-S', 'x'), ['Bearer of-the-flag', '/groups?system=x']);
    assert.deepEqual(await keyOf(other, '-s', other.url), ['Bearer of-the-environment', '/groups']);
    await chmod(key, 0o604);
    assert.match((await done('group', 'ls', '-v')).err, /chmod o-rwx .*prod\.key[\s\S]*context prod/);
    await rm(key);
    const { exit, err } = await run('group', 'ls');
    assert.equal(exit, 2);
    assert.match(err, /context prod: keyFile: cannot read .*prod\.key \(ENOENT\)/);
  });

  it('gives commands of whole nodes no system of the context, nor commands that ask no node anything', async (t) => {
    const { run, done } = await desk(t);
    const admin = await startFakeAdmin(t, {
      'POST /reload': { changes: [] },
      'POST /keys': { id: 'k', key: 'x', owner: 'operator', role: 'read', createdAt: 0, ended: [] },
    });
    await done('ctx', 'add', 'prod', '-s', admin.url, '-S', 'shop', '--use');
    assert.doesNotMatch((await run('stop')).err, /all its systems/);
    assert.doesNotMatch((await run('reload')).err, /all its systems/);
    assert.doesNotMatch((await run('key', 'rotate', '--operator', '--role', 'read')).err, /--operator/);
    assert.match(admin.asked.at(-1)!.body, /"operator"/);
    const minted = await cli(['token', 'mint', '--uid', 'a', '--secret-file', '-'], { stdin: 'x'.repeat(44) });
    assert.doesNotMatch(minted.err, /shop/);
  });

  it('is no matter of the context where connect or bench are given a URL', async (t) => {
    const { run, done } = await desk(t);
    await done('ctx', 'add', 'prod', '-s', 'http://127.0.0.1:9', '-S', 'shop', '--use');
    for (const [args, other] of [
      [['connect', 'ws://127.0.0.1:9/ws'], 'the URL'],
      [['bench', 'api', '--http-url', 'http://127.0.0.1:9'], '--http-url'],
    ] as const) {
      const { exit, err } = await run(...args, '-C', 'prod');
      assert.equal(exit, 2);
      assert.match(err, new RegExp(`-C prod and ${other} both name a server`));
    }
    const asked: unknown[] = [];
    const server = createServer().on('upgrade', ({ url }, socket) => {
      asked.push(url);
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    await run('connect', `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`);
    assert.deepEqual(asked, ['/ws']);
  });
});
