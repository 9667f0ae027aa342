import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Asked, refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { cli, startCli, until } from './run-cli.ts';

const nobody = (_: Asked, response: never) =>
  refuse(response, 404, { code: 'unknown_client', message: 'no such client' });

describe('kick', () => {
  it('closes one without asking', async (t) => {
    const admin = await startFakeAdmin(t, { 'DELETE /connections/7': { matched: 1, closed: 1 } });
    const { exit, out } = await cli(['client', 'kick', '7', '--reason', 'x', '-S', 's', '--json', '-s', admin.url]);
    assert.equal(exit, 0);
    assert.deepEqual(JSON.parse(out), { schema: 'yunque.kick/1', matched: 1, closed: 1, unknown: [] });
    assert.equal(admin.asked[0]!.path, '/connections/7?system=s&reason=x');
  });

  it('of nobody exits with 3, whether the node refuses or answers 0', async (t) => {
    const admin = await startFakeAdmin(t, {
      'DELETE /connections/7': nobody,
      'DELETE /users/u': { matched: 0, closed: 0 },
    });
    assert.equal((await cli(['client', 'kick', '7', '-s', admin.url])).exit, 3);
    assert.equal((await cli(['user', 'kick', 'u', '-s', admin.url])).exit, 3);
  });

  it('of some exits with 7 and names who was not there', async (t) => {
    const admin = await startFakeAdmin(t, {
      'DELETE /connections/7': nobody,
      'DELETE /connections/8': { matched: 1, closed: 1 },
    });
    const { exit, out } = await cli(['client', 'kick', '7', '8', '--yes', '--json', '-s', admin.url]);
    assert.equal(exit, 7);
    assert.deepEqual(JSON.parse(out).unknown, ['7']);
  });

  it('of several is not done in a pipe without --yes', async (t) => {
    const admin = await startFakeAdmin(t, {});
    const { exit, err } = await cli(['user', 'kick', 'a', 'b', '-s', admin.url]);
    assert.equal(exit, 2);
    assert.match(err, /--yes/);
    assert.equal(admin.asked.length, 0);
  });
});

describe('on a terminal', () => {
  it('a pipe as standard input cannot be asked', async (t) => {
    const admin = await startFakeAdmin(t, { 'DELETE /groups/room1': { removed: 2 } });
    const { exit } = await cli(['group', 'rm', 'room1', '-s', admin.url], {
      terminal: 80,
      isInputPiped: true,
      stdin: 'y\n',
    });
    assert.equal(exit, 2);
    assert.equal(admin.asked.length, 0);
  });

  it('a yes does it', async (t) => {
    const admin = await startFakeAdmin(t, { 'DELETE /groups/room1': { removed: 2 } });
    const running = startCli(['group', 'rm', 'room1', '-s', admin.url], { terminal: 80 });
    await until(() => running.err().includes('[y/N]'));
    running.stdin.write('y\n');
    const { exit, out } = await running.done;
    assert.equal(exit, 0);
    assert.equal(out, 'removed  2\n');
  });

  for (const answer of ['n\n', '\n', 'maybe\n']) {
    it(`${JSON.stringify(answer)} does not`, async (t) => {
      const admin = await startFakeAdmin(t, { 'DELETE /systems/shop': { closed: 2 } });
      const running = startCli(['system', 'rm', 'shop', '-s', admin.url], { terminal: 80 });
      await until(() => running.err().includes('[y/N]'));
      running.stdin.write(answer);
      assert.equal((await running.done).exit, 1);
      assert.equal(admin.asked.length, 0);
    });
  }

  it('the end of input does not', async (t) => {
    const admin = await startFakeAdmin(t, { 'DELETE /systems/shop': { closed: 2 } });
    const running = startCli(['system', 'rm', 'shop', '-s', admin.url], { terminal: 80 });
    await until(() => running.err().includes('[y/N]'));
    running.stdin.end();
    assert.equal((await running.done).exit, 1);
    assert.equal(admin.asked.length, 0);
  });

  it('Ctrl-C at the question exits with 130', async (t) => {
    const admin = await startFakeAdmin(t, {});
    const running = startCli(['system', 'rm', 'shop', '-s', admin.url], { terminal: 80 });
    await until(() => running.err().includes('[y/N]'));
    running.interrupt();
    assert.equal((await running.done).exit, 130);
  });
});

describe('group membership', () => {
  it('of a group that is not there cannot be removed: 3', async (t) => {
    const admin = await startFakeAdmin(t, { 'DELETE /groups/nope': { removed: 0 } });
    const { exit, err } = await cli(['group', 'rm', 'nope', '--yes', '-s', admin.url]);
    assert.equal(exit, 3);
    assert.match(err, /nope/);
  });

  it('join takes clients, or users with labels', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /groups/g/join': { matched: 2, changed: 1, unknown: [] } });
    const clients = await cli(['group', 'join', 'g', '1', '2', '-S', 'shop', '--json', '-s', admin.url]);
    assert.deepEqual(JSON.parse(clients.out), { schema: 'yunque.membership/1', matched: 2, changed: 1, unknown: [] });
    await cli(['group', 'join', 'g', '--uid', 'a,b', '--user-id', 'l', '--extend', 'e', '-s', admin.url]);
    assert.deepEqual(
      admin.asked.map(({ body }) => JSON.parse(body)),
      [
        { system: 'shop', ids: ['1', '2'] },
        { uids: ['a', 'b'], userId: 'l', extend: 'e' },
      ],
    );
  });

  for (const [result, exit] of [
    [{ matched: 0, changed: 0, unknown: ['1'] }, 3],
    [{ matched: 1, changed: 1, unknown: ['2'] }, 7],
    [{ matched: 1, changed: 0, unknown: [] }, 0],
  ] as const) {
    it(`leave with ${JSON.stringify(result)} exits with ${exit}`, async (t) => {
      const admin = await startFakeAdmin(t, { 'POST /groups/g/leave': result });
      assert.equal((await cli(['group', 'leave', 'g', '1', '2', '-s', admin.url])).exit, exit);
    });
  }

  it('names either clients or users', async (t) => {
    const admin = await startFakeAdmin(t, {});
    assert.equal((await cli(['group', 'join', 'g', '-s', admin.url])).exit, 2);
    assert.equal((await cli(['group', 'leave', 'g', '1', '--uid', 'a', '-s', admin.url])).exit, 2);
    assert.equal(admin.asked.length, 0);
  });
});

describe('systems', () => {
  it('are added and, with --yes, removed', async (t) => {
    const added = { system: 'shop', createdAt: 1, connections: 0, users: 0, groups: 0 };
    const admin = await startFakeAdmin(t, {
      'POST /systems': added,
      'DELETE /systems/shop': { closed: 2 },
      'DELETE /systems/b': { closed: 1 },
    });
    const add = await cli(['system', 'add', 'shop', '--json', '-s', admin.url]);
    assert.deepEqual(JSON.parse(add.out), { schema: 'yunque.system/1', ...added });
    const rm = await cli(['system', 'rm', 'shop', 'b', '--yes', '--json', '-s', admin.url]);
    assert.deepEqual(JSON.parse(rm.out), {
      schema: 'yunque.systems-removed/1',
      removed: ['shop', 'b'],
      unknown: [],
      closed: 3,
    });
  });

  it('that do not exist are passed over where others are removed: exit 7; alone they are refused with 1', async (t) => {
    const unknown = (_: Asked, response: never) =>
      refuse(response, 404, { code: 'unknown_system', message: 'no such system' });
    const admin = await startFakeAdmin(t, {
      'DELETE /systems/q1': { closed: 2 },
      'DELETE /systems/q2': { closed: 1 },
      'DELETE /systems/nope': unknown,
    });
    const some = await cli(['system', 'rm', 'q1', 'nope', 'q2', '--yes', '--json', '-s', admin.url]);
    assert.equal(some.exit, 7);
    const { removed, unknown: names, closed } = JSON.parse(some.out);
    assert.deepEqual([removed, names, closed], [['q1', 'q2'], ['nope'], 3]);
    assert.match(some.err, /nope/);
    const none = await cli(['system', 'rm', 'nope', '--yes', '-s', admin.url]);
    assert.deepEqual(none, { exit: 1, out: '', err: 'error: no such system\n' });
  });

  it('removed before a failure are told', async (t) => {
    const internal = (_: Asked, response: never) => refuse(response, 500, { code: 'internal', message: 'a fault' });
    const admin = await startFakeAdmin(t, { 'DELETE /systems/q1': { closed: 2 }, 'DELETE /systems/q2': internal });
    const { exit, out, err } = await cli(['system', 'rm', 'q1', 'q2', '--yes', '-s', admin.url]);
    assert.equal(exit, 1);
    assert.match(out, /^removed +q1$/m);
    assert.match(err, /a fault/);
  });

  it('that exist already are refused with 1', async (t) => {
    const taken = (_: Asked, response: never) =>
      refuse(response, 409, { code: 'system_exists', message: 'this system exists already' });
    const admin = await startFakeAdmin(t, { 'POST /systems': taken });
    assert.equal((await cli(['system', 'add', 'shop', '-s', admin.url])).exit, 1);
  });
});
