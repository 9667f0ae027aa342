import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { cli } from './run-cli.ts';

const changes = [
  { key: 'log.level', old: 'info', new: 'debug', effect: 'applied' },
  { key: 'host', old: null, new: '127.0.0.1', effect: 'needs_restart' },
  { key: 'systems.list', old: [], new: ['shop', 'bank'], effect: 'applied' },
];

describe('reload', { timeout: 20_000 }, () => {
  it('prints each setting that changed, and says which wait for a restart', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /reload': { changes, warnings: ['key.pem can be read by others'] } });
    const { exit, out, err } = await cli(['reload', '-s', admin.url]);
    assert.equal(exit, 0, err);
    const rows = out.trimEnd().split('\n');
    assert.deepEqual(
      rows.map((row) => row.split(/ {2,}/)),
      [
        ['SETTING', 'OLD', 'NEW', 'EFFECT'],
        ['log.level', 'info', 'debug', 'applied'],
        ['host', '(unset)', '127.0.0.1', 'needs a restart'],
        ['systems.list', '[]', '[shop, bank]', 'applied'],
      ],
    );
    assert.match(err, /key\.pem can be read by others/);
    assert.match(err, /what needs a restart stays as it was/);
  });

  it('speaks Chinese to people, and one language to programs', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /reload': { changes, warnings: [] } });
    assert.match((await cli(['reload', '--lang', 'zh', '-s', admin.url])).out, /host .*需要重启/);
    const { out } = await cli(['reload', '--lang', 'zh', '--json', '-s', admin.url]);
    assert.deepEqual(JSON.parse(out), { schema: 'yunque.reload/1', items: changes, total: 3 });
    const csv = await cli(['reload', '-o', 'csv', '-s', admin.url]);
    assert.match(csv.out, /^key,old,new,effect\r?\nlog\.level,info,debug,applied/);
  });

  it('says that nothing has changed', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /reload': { changes: [], warnings: [] } });
    const { exit, out, err } = await cli(['reload', '-s', admin.url]);
    assert.deepEqual([exit, out, err], [0, '', 'nothing has changed\n']);
  });

  it('of a configuration that cannot be used says everything that is wrong, and exits with 78', async (t) => {
    const problems = ['configs/config.yaml:3:1: unknown key "a"', 'configs/config.yaml:4:1: unknown key "\u001b[31mb"'];
    const body = { code: 'bad_config', message: 'the configuration cannot be used; the one in force stays', problems };
    const admin = await startFakeAdmin(t, {
      'POST /reload': (_: unknown, response: never) => refuse(response, 422, body as never),
    });
    const { exit, out, err } = await cli(['reload', '-s', admin.url]);
    assert.deepEqual([exit, out], [78, '']);
    assert.deepEqual(err.trimEnd().split('\n'), [
      'error: the configuration cannot be used; the one in force stays',
      'configs/config.yaml:3:1: unknown key "a"',
      'configs/config.yaml:4:1: unknown key "b"',
    ]);
    assert.match((await cli(['reload', '--lang', 'zh', '-s', admin.url])).err, /配置无法使用/);
  });

  it('of a system is refused', async (t) => {
    const admin = await startFakeAdmin(t, {});
    assert.equal((await cli(['reload', '-S', 'shop', '-s', admin.url])).exit, 2);
    assert.deepEqual(admin.asked, []);
  });
});
