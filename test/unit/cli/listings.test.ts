import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConnectionInfo, GroupInfo, MemberInfo, SystemInfo, UserInfo } from '../../../src/api/listing.ts';
import { widthOf } from '../../../src/util/text-width.ts';
import { type Asked, refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { cli } from './run-cli.ts';

const client: ConnectionInfo = {
  cid: '4503599627370497',
  clientId: 'AAECAwQFBgcICQoLDA0OD3n+C68ADH/P7h+1UJUloxo=',
  system: 'default',
  dialect: 'yunque',
  node: 'n1',
  remoteAddress: '127.0.0.1',
  connectedAt: 1_700_000_000_000,
  ageSeconds: 61,
  idleSeconds: 5,
  uid: 'alice',
  deviceId: 'd1',
  deviceName: '张三的手机，很长很长的名字',
  channel: 'android',
  boundAt: 1_700_000_001_000,
  groups: ['a', 'b'],
  delivered: 7,
  dropped: 0,
  queueBytes: 2048,
};
const user: UserInfo = {
  uid: 'alice',
  system: 'default',
  connections: 2,
  devices: ['d1', 'd2'],
  groups: ['a'],
  nodes: ['n1'],
  boundAt: 1_700_000_000_000,
};
const group: GroupInfo = { group: 'room1', system: 'default', members: 2 };
const member: MemberInfo = { cid: '1', clientId: 'x', node: 'n1', dialect: 'json', userId: 'u', extend: 'e' };
const system: SystemInfo = { system: 'shop', createdAt: 1_700_000_000_000, connections: 1, users: 1, groups: 0 };

const kinds = [
  { command: ['client', 'ls'], path: '/connections', schema: 'yunque.clients/1', row: client },
  { command: ['user', 'ls'], path: '/users', schema: 'yunque.users/1', row: user },
  { command: ['group', 'ls'], path: '/groups', schema: 'yunque.groups/1', row: group },
  { command: ['group', 'members', 'room1'], path: '/groups/room1/members', schema: 'yunque.members/1', row: member },
  { command: ['system', 'ls'], path: '/systems', schema: 'yunque.systems/1', row: system },
] as const;

for (const { command, path, schema, row } of kinds) {
  describe(command.join(' '), () => {
    it('prints every field as json', async (t) => {
      const admin = await startFakeAdmin(t, { [`GET ${path}`]: { items: [row], total: 1 } });
      const { exit, out, err } = await cli([...command, '--json', '-s', admin.url]);
      assert.deepEqual([exit, err], [0, '']);
      assert.deepEqual(JSON.parse(out), { schema, items: [row], total: 1 });
    });

    it('names every field of a row in csv', async (t) => {
      const admin = await startFakeAdmin(t, { [`GET ${path}`]: { items: [row], total: 1 } });
      const { out } = await cli([...command, '-o', 'csv', '-s', admin.url]);
      const fields = out.split('\r\n')[0]!.split(',');
      for (const name of Object.keys(row)) assert.ok(fields.includes(name), name);
    });

    it('fits a terminal of 80 columns, and is whole in a pipe', async (t) => {
      const admin = await startFakeAdmin(t, { [`GET ${path}`]: { items: [row, row], total: 2 } });
      const narrow = await cli([...command, '-s', admin.url], { terminal: 80, env: { NO_COLOR: '1' } });
      for (const line of narrow.out.split('\n')) assert.ok(widthOf(line) <= 80, line);
      const whole = await cli([...command, '-s', admin.url]);
      assert.doesNotMatch(whole.out, /…/);
      assert.equal(whole.out.split('\n').length, 4);
    });

    it('sends its flags as the query', async (t) => {
      const admin = await startFakeAdmin(t, { [`GET ${path}`]: { items: [], total: 0 } });
      const flags = [
        '--where',
        'a=1',
        '--where',
        'b>2',
        '--search',
        's',
        '--sort',
        'a',
        '--desc',
        '--limit',
        '5',
        '--cursor',
        'c',
      ];
      assert.equal((await cli([...command, ...flags, '-S', 'shop', '-s', admin.url])).exit, 0);
      const query = new URL(admin.asked[0]!.path, 'http://x').searchParams;
      assert.deepEqual(query.getAll('where'), ['a=1', 'b>2']);
      query.delete('where');
      assert.deepEqual(Object.fromEntries(query), {
        system: 'shop',
        search: 's',
        sort: 'a',
        descending: 'true',
        limit: '5',
        cursor: 'c',
      });
    });
  });
}

describe('client ls on 80 columns', () => {
  const rows = Array.from({ length: 3 }, (_, at) => ({ ...client, cid: String(4503599627370497n + BigInt(at)) }));

  it('shows every cid whole, the device by the id that send takes, and says how to see the rest', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /connections': { items: rows, total: 3 } });
    const { out, err } = await cli(['client', 'ls', '-s', admin.url], { terminal: 80, env: { NO_COLOR: '1' } });
    for (const { cid } of rows) assert.match(out, new RegExp(`^${cid} `, 'm'));
    assert.doesNotMatch(out, /…/);
    assert.match(err, /^\d columns do not fit this terminal; -o json shows everything\n$/);
  });

  it('names the device in a pipe by its id', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /connections': { items: rows, total: 3 } });
    const { out, err } = await cli(['client', 'ls', '-s', admin.url]);
    assert.match(out, / alice +d1 /);
    assert.equal(err, '');
  });
});

describe('a list of several pages', () => {
  const pages = (asked: Asked) => {
    const cursor = new URL(asked.path, 'http://x').searchParams.get('cursor');
    const from = Number(cursor ?? 0);
    const items = [from, from + 1].map((each) => ({ group: `g${each}`, system: 's', members: each }));
    return { items, total: 6, ...(from + 2 < 6 && { cursor: String(from + 2) }) };
  };

  it('shows one, and says on standard error how to go on', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /groups': pages });
    const { out, err } = await cli(['group', 'ls', '-s', admin.url]);
    assert.equal(out.split('\n').length, 4);
    assert.match(err, /2 of 6 .*--cursor 2/);
  });

  it('carries the cursor in json, without a note', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /groups': pages });
    const { out, err } = await cli(['group', 'ls', '--json', '-s', admin.url]);
    assert.equal(JSON.parse(out).cursor, '2');
    assert.equal(err, '');
  });

  it('is whole with --all', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /groups': pages });
    const { out, err } = await cli(['group', 'ls', '--all', '--json', '-s', admin.url]);
    assert.deepEqual(
      JSON.parse(out).items.map(({ group }: GroupInfo) => group),
      ['g0', 'g1', 'g2', 'g3', 'g4', 'g5'],
    );
    assert.equal(err, '');
    assert.deepEqual(
      admin.asked.map(({ path }) => path),
      ['/groups?limit=1000', '/groups?limit=1000&cursor=2', '/groups?limit=1000&cursor=4'],
    );
  });
});

describe('show', () => {
  for (const [command, path, schema, row] of [
    [
      ['client', 'show', client.clientId],
      `/connections/${encodeURIComponent(client.clientId)}`,
      'yunque.client/1',
      client,
    ],
    [['user', 'show', 'alice'], '/users/alice', 'yunque.user/1', user],
    [['group', 'show', 'room1'], '/groups/room1', 'yunque.group/1', group],
    [['system', 'show', 'shop'], '/systems/shop', 'yunque.system/1', system],
  ] as const) {
    it(`${command.slice(0, 2).join(' ')} prints one row`, async (t) => {
      const admin = await startFakeAdmin(t, { [`GET ${path}`]: row });
      const json = await cli([...command, '--json', '-s', admin.url]);
      assert.deepEqual(JSON.parse(json.out), { schema, ...row });
      const lines = await cli([...command, '-s', admin.url]);
      assert.match(lines.out, new RegExp(`^${Object.keys(row)[0]} +`));
    });
  }

  it('as csv has the same columns for a connection of nobody', async (t) => {
    const { uid, deviceId, deviceName, channel, boundAt, ...anonymous } = client;
    const admin = await startFakeAdmin(t, { 'GET /connections/1': client, 'GET /connections/2': anonymous });
    const header = async (id: string) =>
      (await cli(['client', 'show', id, '-o', 'csv', '-s', admin.url])).out.split('\r\n')[0];
    assert.equal(await header('2'), await header('1'));
    assert.ok((await header('1'))?.includes(',uid,'), String([uid, deviceId, deviceName, channel, boundAt].length));
  });

  it('of nobody exits with 3', async (t) => {
    const admin = await startFakeAdmin(t, {
      'GET /users/zed': (_: Asked, response: never) =>
        refuse(response, 404, { code: 'unknown_user', message: 'no such user' }),
    });
    assert.deepEqual(await cli(['user', 'show', 'zed', '-s', admin.url]), {
      exit: 3,
      out: '',
      err: 'error: no such user\n',
    });
  });
});

describe('user online', () => {
  it('answers for each user in the order asked, and exits with 3 where nobody is', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /users/online': { users: { alice: 2, bob: 0 }, connections: {} } });
    const { exit, out } = await cli(['user', 'online', 'bob', 'alice', 'constructor', '--json', '-s', admin.url]);
    assert.equal(exit, 0);
    assert.deepEqual(JSON.parse(out).items, [
      { uid: 'bob', online: false, connections: 0 },
      { uid: 'alice', online: true, connections: 2 },
      { uid: 'constructor', online: false, connections: 0 },
    ]);
    assert.equal((await cli(['user', 'online', 'bob', '-s', admin.url])).exit, 3);
  });
});
