import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Asked, refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { cli, startCli, until } from './run-cli.ts';

const created = Date.UTC(2026, 0, 31, 12, 0, 0);
const info = { owner: 'system', system: 'shop', role: 'push', id: 'newnewnew0', createdAt: created } as const;
const kept = { ...info, id: 'oldoldold0' };
const key = `yq_newnewnew0_${'s'.repeat(43)}`;
const unknown = (_: Asked, response: never) => refuse(response, 404, { code: 'unknown_key', message: 'no such key' });

const askedBody = ({ asked }: { readonly asked: readonly Asked[] }) => JSON.parse(asked[0]?.body ?? '');

describe('system rotate-key', () => {
  it('prints the key alone, and what becomes of older ones on standard error', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /keys': { info, key, kept, removed: ['gone'] } });
    const { exit, out, err } = await cli(['system', 'rotate-key', 'shop', '-s', admin.url]);
    assert.deepEqual([exit, out], [0, `${key}\n`]);
    assert.match(err, /oldoldold0, made 2026-01-31T12:00:00Z, stays valid/);
    assert.match(err, /no longer valid: gone/);
    assert.doesNotMatch(err, /sss/);
    assert.deepEqual(askedBody(admin), { owner: 'system', system: 'shop', role: 'push' });
  });

  it('says of a first key that requests need one now, and with -q nothing', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /keys': { info, key, removed: [] } });
    const first = await cli(['system', 'rotate-key', 'shop', '-s', admin.url]);
    assert.match(first.err, /requests to shop need a key now/);
    const quiet = await cli(['system', 'rotate-key', 'shop', '-q', '-s', admin.url]);
    assert.deepEqual(quiet, { exit: 0, out: `${key}\n`, err: '' });
  });

  it('takes a role, an end and --now', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /keys': { info, key, removed: [] } });
    await cli(['system', 'rotate-key', 'shop', '--role', 'read', '--ttl', '90d', '--now', '-s', admin.url]);
    const ttlMs = 90 * 86_400_000;
    assert.deepEqual(askedBody(admin), { owner: 'system', system: 'shop', role: 'read', now: true, ttlMs });
  });

  for (const flags of [
    ['--role', 'operate'],
    ['--ttl', '1ms'],
    ['--ttl', '9999d'],
    ['--ttl', '90'],
  ]) {
    it(`refuses ${flags.join(' ')}`, async (t) => {
      const admin = await startFakeAdmin(t, {});
      const { exit, out, err } = await cli(['system', 'rotate-key', 'shop', ...flags, '-s', admin.url]);
      assert.deepEqual([exit, out, admin.asked.length], [2, '', 0]);
      assert.match(err, /read, push, admin|from 1s to 3650d|duration such as/);
    });
  }

  it('of a system that does not exist prints nothing and exits with 1', async (t) => {
    const admin = await startFakeAdmin(t, {
      'POST /keys': (_: Asked, response: never) =>
        refuse(response, 404, { code: 'unknown_system', message: 'no such system' }),
    });
    const { exit, out, err } = await cli(['system', 'rotate-key', 'nope', '-s', admin.url]);
    assert.deepEqual([exit, out, err], [1, '', 'error: no such system\n']);
  });
});

describe('key rotate', () => {
  it('makes a key of the operator’s, or of the system of -S', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /keys': { info, key, removed: [] } });
    await cli(['key', 'rotate', '--operator', '--role', 'operate', '-s', admin.url]);
    await cli(['key', 'rotate', '-S', 'shop', '--role', 'admin', '-s', admin.url]);
    assert.deepEqual(
      admin.asked.map(({ body }) => JSON.parse(body)),
      [
        { owner: 'operator', role: 'operate' },
        { owner: 'system', system: 'shop', role: 'admin' },
      ],
    );
  });

  it('with a format the answer is a record that has the key too', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /keys': { info, key, kept, removed: [] } });
    const rotate = async (format: string) =>
      (await cli(['key', 'rotate', '-S', 'shop', '--role', 'push', '-o', format, '-q', '-s', admin.url])).out;
    assert.deepEqual(JSON.parse(await rotate('json')), {
      schema: 'yunque.new-key/1',
      key,
      ...info,
      kept: 'oldoldold0',
      removed: [],
    });
    assert.equal(
      await rotate('csv'),
      `key,id,owner,system,role,createdAt,expiresAt,kept,removed\r\n${key},newnewnew0,system,shop,push,${created},,oldoldold0,\r\n`,
    );
    assert.match(await rotate('table'), new RegExp(`^key +${key}$`, 'm'));
  });

  for (const [flags, words] of [
    [['--role', 'push'], /--operator, or -S SYSTEM/],
    [['--operator', '-S', 'shop', '--role', 'read'], /--operator, or -S SYSTEM/],
    [['--operator', '--role', 'push'], /read, operate, admin/],
    [['-S', 'shop', '--role', 'operate'], /read, push, admin/],
    [['-S', 'shop'], /--role/],
  ] as const) {
    it(`refuses ${flags.join(' ')}`, async (t) => {
      const admin = await startFakeAdmin(t, {});
      const { exit, err } = await cli(['key', 'rotate', ...flags, '-s', admin.url]);
      assert.deepEqual([exit, admin.asked.length], [2, 0]);
      assert.match(err, words);
    });
  }
});

it('key ls lists keys with their owner and end, never more', async (t) => {
  const items = [
    { ...info, expiresAt: created },
    { owner: 'operator', role: 'read', id: 'operators0', createdAt: created },
  ];
  const admin = await startFakeAdmin(t, { 'GET /keys': { items, total: 2 } });
  const { out } = await cli(['key', 'ls', '-s', admin.url]);
  assert.deepEqual(
    out
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
    [
      ['ID', 'OWNER', 'SYSTEM', 'ROLE', 'CREATED', 'EXPIRES'],
      ['newnewnew0', 'system', 'shop', 'push', '2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z (expired)'],
      ['operators0', 'operator', 'read', '2026-01-31T12:00:00Z', 'never'],
    ],
  );
  const { out: json } = await cli(['key', 'ls', '-S', 'shop', '--json', '-s', admin.url]);
  assert.deepEqual(JSON.parse(json), { schema: 'yunque.keys/1', items, total: 2 });
  assert.equal(admin.asked[1]?.path, '/keys?system=shop');
});

describe('key rm', () => {
  it('asks first, and without a terminal needs --yes', async (t) => {
    const admin = await startFakeAdmin(t, { 'DELETE /keys/abc': info });
    const refused = await cli(['key', 'rm', 'abc', '-s', admin.url]);
    assert.deepEqual([refused.exit, admin.asked.length], [2, 0]);
    const running = startCli(['key', 'rm', 'abc', '-s', admin.url], { terminal: 80 });
    await until(() => running.err().includes('[y/N]'));
    running.stdin.write('y\n');
    assert.equal((await running.done).exit, 0);
    assert.equal(admin.asked.length, 1);
  });

  it('of several passes over those that are not there: 7; of none that is there: 1', async (t) => {
    const admin = await startFakeAdmin(t, { 'DELETE /keys/abc': info, 'DELETE /keys/nope': unknown });
    const some = await cli(['key', 'rm', 'nope', 'abc', '--yes', '--json', '-s', admin.url]);
    assert.equal(some.exit, 7);
    assert.deepEqual(JSON.parse(some.out), { schema: 'yunque.keys-removed/1', removed: ['abc'], unknown: ['nope'] });
    assert.match(some.err, /no such key: nope/);
    const none = await cli(['key', 'rm', 'nope', '--yes', '-s', admin.url]);
    assert.deepEqual([none.exit, none.out, none.err], [1, '', 'error: no such key\n']);
  });
});

describe('user ban', () => {
  it('says until when, and how many connections it closed', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /users/alice/ban': { closed: 2, until: created } });
    const ban = ['user', 'ban', 'alice', '--for', '1h', '-s', admin.url];
    const { exit, out } = await cli([...ban, '--reason', 'spam', '-S', 'shop']);
    assert.equal(exit, 0);
    assert.match(out, /^until +2026-01-31T12:00:00/m);
    assert.deepEqual(askedBody(admin), { system: 'shop', forMs: 3_600_000, reason: 'spam' });
    const { out: json } = await cli([...ban, '--json']);
    const row = { schema: 'yunque.banned/1', uid: 'alice', system: 'default', until: created, closed: 2 };
    assert.deepEqual(JSON.parse(json), row);
  });

  for (const flags of [[], ['--for', '500ms'], ['--for', '366d'], ['--for', 'ever']]) {
    it(`refuses ${flags.join(' ') || 'no duration'}`, async (t) => {
      const admin = await startFakeAdmin(t, {});
      const { exit, err } = await cli(['user', 'ban', 'alice', ...flags, '-s', admin.url]);
      assert.deepEqual([exit, admin.asked.length], [2, 0]);
      assert.match(err, /--for/);
    });
  }

  it('is lifted by unban, which exits with 3 where there was none', async (t) => {
    const admin = await startFakeAdmin(t, {
      'DELETE /users/alice/ban': { lifted: true },
      'DELETE /users/bob/ban': { lifted: false },
    });
    const lifted = await cli(['user', 'unban', 'alice', '-S', 'shop', '--json', '-s', admin.url]);
    const row = { schema: 'yunque.unbanned/1', uid: 'alice', system: 'shop', lifted: true };
    assert.deepEqual([lifted.exit, JSON.parse(lifted.out)], [0, row]);
    assert.equal(admin.asked[0]?.path, '/users/alice/ban?system=shop');
    const none = await cli(['user', 'unban', 'bob', '-s', admin.url]);
    assert.deepEqual([none.exit, none.err], [3, 'not banned: bob\n']);
  });

  it('is listed by user bans, with what clients gave it made harmless', async (t) => {
    const items = [{ system: 'default', uid: 'ali\u001b[31mce', until: created, reason: 'spam' }];
    const admin = await startFakeAdmin(t, { 'GET /bans': { items, total: 1 } });
    const { out } = await cli(['user', 'bans', '-s', admin.url]);
    assert.match(out, /^UID +SYSTEM +UNTIL +REASON\n\S+ +default +2026-01-31T12:00:00Z +spam\n$/);
    assert.equal(out.includes('\u001b'), false);
  });
});

it('speaks Chinese too', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /keys': { info, key, kept, removed: ['gone'] } });
  const { err } = await cli(['system', 'rotate-key', 'shop', '--lang', 'zh', '-s', admin.url]);
  assert.match(err, /在下次轮换前仍有效/);
  const refused = await cli(['user', 'ban', 'alice', '--lang', 'zh', '-s', admin.url]);
  assert.match(refused.err, /^错误：缺少选项/);
});
