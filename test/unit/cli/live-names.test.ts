import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFakeStats } from '../../support/fake-stats.ts';
import { hangs, refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { cli } from './run-cli.ts';

const rows = (field: string, ...names: string[]) => ({
  items: names.map((name) => ({ [field]: name })),
  total: names.length,
});

const complete = async (url: string, kind: string, typed: string, ...more: string[]) => {
  const { exit, out, err } = await cli(['-s', url, ...more, '__complete', kind, '--', typed]);
  assert.deepEqual([exit, err], [0, '']);
  return out.split('\n').slice(0, -1);
};

describe('__complete', () => {
  it('asks the node for the names of each kind that contain what was typed, in the system of -S', async (t) => {
    const admin = await startFakeAdmin(t, {
      'GET /groups': rows('group', 'room1', 'room2', 'a-room'),
      'GET /users': rows('uid', 'room'),
      'GET /connections': rows('cid', 'room'),
      'GET /systems': rows('system', 'room'),
      'GET /keys': rows('id', 'room'),
      'GET /users/bans': rows('uid', 'room'),
      'GET /bans': rows('uid', 'room'),
      'GET /stats': await createFakeStats({ nodes: 2 }).stats(),
    });
    assert.deepEqual(await complete(admin.url, 'groups', 'room', '-S', 'shop'), ['room1', 'room2']);
    assert.equal(admin.asked[0]!.path, '/groups?limit=1000&system=shop&where=group%7Eroom');
    for (const kind of ['users', 'clients', 'systems', 'keys', 'bans']) {
      assert.deepEqual(await complete(admin.url, kind, 'ro'), ['room'], kind);
    }
    assert.equal((await complete(admin.url, 'nodes', '')).length, 2);
  });

  it('completes the last of a list, and leaves out names with a comma there', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /users': rows('uid', 'bob', 'b,c', 'bill') });
    assert.deepEqual(await complete(admin.url, 'users-list', 'ann,b'), ['ann,bob', 'ann,bill']);
    assert.deepEqual(await complete(admin.url, 'users', 'b'), ['bob', 'b,c', 'bill']);
  });

  it('leaves out what a terminal does not show as it is and what would be an option, and does not list for ever', async (t) => {
    const many = Array.from({ length: 999 }, (_, index) => `g${index}`);
    const admin = await startFakeAdmin(t, {
      'GET /groups': rows('group', 'two\nlines', 'esc\u001b[2J', 'tab\t', 'over\u202eride', '', '-x', ...many),
    });
    assert.deepEqual(await complete(admin.url, 'groups', ''), many.slice(0, 200));
  });

  it('says nothing, soon, where nobody answers, refuses, or is slow', async (t) => {
    const admin = await startFakeAdmin(t, {
      'GET /groups': hangs,
      'GET /users': (_: unknown, response: never) => refuse(response, 401, { code: 'unauthorized', message: 'no' }),
    });
    const before = performance.now();
    assert.deepEqual(await complete(admin.url, 'groups', ''), []);
    assert.ok(performance.now() - before < 5000);
    assert.deepEqual(await complete(admin.url, 'users', ''), []);
    assert.deepEqual(await complete('127.0.0.1:1', 'users', ''), []);
    assert.deepEqual(await complete('no such thing', 'users', ''), []);
    assert.deepEqual(await complete(admin.url, 'users', '', '--key-file', '-'), []);
    const { exit, out, err } = await cli(['-C', 'nowhere', '__complete', 'users', '--', '']);
    assert.deepEqual([exit, out, err], [0, '', '']);
  });

  it('is in no help', async () => {
    assert.doesNotMatch((await cli(['--help'])).out, /__complete/);
    assert.doesNotMatch((await cli(['completion', 'bash'])).out, / __complete'/);
  });
});
