import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ConnectionInfo, UserInfo } from '../../../src/api/listing.ts';
import { type Asked, refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { type RunOptions, cli as runCli } from './run-cli.ts';

const missingNodes = ['n2', 'n3'];
const user: UserInfo = {
  ...{ uid: 'alice', system: 'default', connections: 2, devices: ['d1'], groups: [], nodes: ['n1', 'n4'] },
  boundAt: 1_700_000_000_000,
};
const group = { group: 'room1', system: 'default', members: 2 };
const system = { system: 'shop', createdAt: 1_700_000_000_000, connections: 1, users: 1, groups: 0 };
const client: ConnectionInfo = {
  ...{ cid: '4503599627370497', clientId: 'AAECAwQFBgcICQoLDA0OD3n+C68ADH/P7h+1UJUloxo=', system: 'default' },
  ...{ dialect: 'yunque', node: 'n1', remoteAddress: '127.0.0.1', connectedAt: 1_700_000_000_000, ageSeconds: 61 },
  ...{ idleSeconds: 5, groups: [], delivered: 7, dropped: 0, queueBytes: 2048 },
};
const member = { cid: '1', clientId: 'x', node: 'n1', dialect: 'json', userId: 'u', extend: 'e' };
const unavailable = (_: Asked, response: never) =>
  refuse(response, 503, { code: 'unavailable', message: 'not found on the nodes that answered', missingNodes });
const page = (row: object) => ({ items: [row], total: 1, missingNodes });

/** Of nodes that others could not reach. */
const answers = {
  'GET /connections': page(client),
  'GET /users': page(user),
  'GET /groups': page(group),
  'GET /systems': page(system),
  'GET /groups/room1/members': page(member),
  'GET /users/alice': { ...user, missingNodes },
  'GET /groups/room1': { ...group, missingNodes },
  'GET /systems/shop': { ...system, missingNodes },
  'GET /users/eve': unavailable,
  'GET /groups/room2': unavailable,
  'GET /connections/17': unavailable,
  'POST /users/online': { users: { alice: 2, eve: 0 }, connections: {}, missingNodes },
  'DELETE /users/eve': { matched: 0, closed: 0, missingNodes },
  'DELETE /users/alice': { matched: 2, closed: 2 },
  'DELETE /users/zed': { matched: 0, closed: 0 },
  'DELETE /connections/17': { matched: 0, closed: 0, missingNodes },
  'POST /users/eve/ban': { closed: 0, until: 1_700_000_000_000, missingNodes },
  'POST /groups/room1/join': { matched: 0, changed: 0, unknown: [], missingNodes },
  'POST /groups/room1/leave': { matched: 1, changed: 1, unknown: [], missingNodes },
  'DELETE /groups/room1': { removed: 0, missingNodes },
  'DELETE /systems/shop': { closed: 1, missingNodes },
};

/** A command line on these answers. */
async function cli(t: TestContext, line: string, more: Readonly<Record<string, unknown>> = {}, options?: RunOptions) {
  const admin = await startFakeAdmin(t, { ...answers, ...more });
  return await runCli([...line.split(' '), '-s', admin.url], options);
}

describe('where nodes did not answer', () => {
  for (const line of [
    ...['client ls', 'user ls', 'group ls', 'system ls', 'group members room1', 'user ls --all', 'user show alice'],
    ...['group show room1', 'system show shop', 'user online alice', 'user online eve', 'user kick eve'],
    ...['user kick alice eve --yes', 'client kick 17', 'user ban eve --for 1h', 'group join room1 --uid eve'],
    ...['group leave room1 --uid alice', 'group rm room1 --yes', 'system rm shop --yes'],
  ]) {
    it(`${line} names them on standard error and in json, and exits with 7`, async (t) => {
      const plain = await cli(t, line);
      assert.equal(plain.err, 'no answer from n2 n3: what is there is not in this result\n');
      assert.equal(plain.exit, 7);
      const chinese = await cli(t, `${line} --lang zh`);
      assert.equal(chinese.err, '没有回应：n2 n3；其上的内容不在此结果中\n');
      const json = await cli(t, `${line} --json`);
      assert.equal(json.exit, 7);
      assert.deepEqual((JSON.parse(json.out) as { missingNodes: unknown }).missingNodes, missingNodes);
      const last = (await cli(t, `${line} -o ndjson`)).out.trimEnd().split('\n').at(-1) ?? '';
      assert.deepEqual((JSON.parse(last) as { missingNodes: unknown }).missingNodes, missingNodes);
    });
  }

  it('the rows of ndjson come before, one a line, and the last says what it is', async (t) => {
    const { out } = await cli(t, 'group ls -o ndjson');
    const lines = out.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      [
        { schema: 'yunque.group/1', ...group },
        { schema: 'yunque.missing-nodes/1', missingNodes },
      ],
    );
  });

  it('csv has the columns it always has', async (t) => {
    for (const line of [
      'user kick alice',
      'user show alice',
      'group leave room1 --uid alice',
      'user ban eve --for 1h',
    ]) {
      const header = async (more: object) => (await cli(t, `${line} -o csv`, { ...more })).out.split('\r\n')[0];
      const whole = {
        'GET /users/alice': user,
        'POST /groups/room1/leave': { matched: 1, changed: 1, unknown: [] },
        'POST /users/eve/ban': { closed: 0, until: 1_700_000_000_000 },
      };
      const missing = { 'DELETE /users/alice': { matched: 2, closed: 2, missingNodes } };
      assert.equal(await header(missing), await header(whole), line);
    }
  });

  it('nobody is told to be offline, nor counted, whom they may have', async (t) => {
    const shown = await cli(t, 'user online eve alice');
    assert.match(shown.out, /^UID +ONLINE +CONNECTIONS\neve +\? +\?\nalice +yes +2\n$/);
    const { out } = await cli(t, 'user online eve alice --json');
    assert.deepEqual(JSON.parse(out).items, [
      { uid: 'eve', online: null, connections: null },
      { uid: 'alice', online: true, connections: 2 },
    ]);
  });

  it('kicks call unknown whom all nodes that may have it denied, and nobody else', async (t) => {
    const { out } = await cli(t, 'user kick eve alice zed --yes --json');
    assert.deepEqual(JSON.parse(out), {
      ...{ schema: 'yunque.kick/1', matched: 2, closed: 2, unknown: ['zed'] },
      missingNodes,
    });
  });

  for (const line of ['user show eve', 'group show room2', 'client show 17']) {
    it(`${line} does not say that there is none, and exits with 7`, async (t) => {
      const { exit, out, err } = await cli(t, line);
      assert.deepEqual([exit, out], [7, '']);
      assert.equal(err, 'error: not found where it could be looked for; no answer from n2 n3\n');
      const chinese = await cli(t, `${line} --lang zh`);
      assert.match(chinese.err, /在有回应的节点上未找到；没有回应：n2 n3\n$/);
    });
  }

  it('an empty list says so, too', async (t) => {
    const { exit, err } = await cli(t, 'user ls', { 'GET /users': { items: [], total: 0, missingNodes } });
    assert.equal(exit, 7);
    assert.match(err, /no answer from n2 n3/);
  });

  it('of several pages with --all each is named once, whichever page lacks it', async (t) => {
    const pages = ({ path }: Asked) =>
      path.includes('cursor=')
        ? { items: [group], total: 2, missingNodes: ['n2', 'n3'] }
        : { items: [group], total: 2, cursor: 'x', missingNodes: ['n2'] };
    const { exit, out } = await cli(t, 'group ls --all --json', { 'GET /groups': pages });
    assert.equal(exit, 7);
    assert.deepEqual(JSON.parse(out).missingNodes, missingNodes);
  });
});

describe('the nodes of a list', () => {
  const elsewhere = { ...client, cid: '4503599627370498', node: 'n2' };
  const list = (...items: object[]) => ({ items, total: items.length });
  const terminal = { terminal: 80, env: { NO_COLOR: '1' } };

  it('are a column of client ls on 80 columns where there are several, and the first to go where there is one', async (t) => {
    const both = await cli(t, 'client ls', { 'GET /connections': list(client, elsewhere) }, terminal);
    assert.match(both.out, /^CID .* NODE /);
    assert.match(both.out, /^4503599627370498 .* n2 /m);
    const one = await cli(t, 'client ls', { 'GET /connections': list(client, client) }, terminal);
    assert.doesNotMatch(one.out, /NODE/);
    const wide = await cli(t, 'client ls', { 'GET /connections': list(client, client) });
    assert.match(wide.out, / NODE /, 'in a pipe there is room for all');
  });

  it('are a column of user ls, and a line of user show', async (t) => {
    const both = await cli(t, 'user ls', { 'GET /users': list(user) }, terminal);
    assert.match(both.out, /^UID .* NODES /);
    assert.match(both.out, /^alice .* n1 n4 /m);
    const one = await cli(t, 'user ls', { 'GET /users': list({ ...user, nodes: ['n1'] }) }, { terminal: 50 });
    assert.doesNotMatch(one.out, /NODES/);
    assert.match((await cli(t, 'user show alice', { 'GET /users/alice': user })).out, /^nodes +n1 n4$/m);
  });
});
