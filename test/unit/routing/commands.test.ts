import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Command } from '../../../src/api/command.ts';
import { probeSystem } from '../../../src/api/system.ts';
import { MemorySystems } from '../../../src/store/memory-systems.ts';
import { createFakeNode, settled } from '../../support/fake-node.ts';

describe('kick', () => {
  test('closes the target’s connections with 4503 and the reason, and reports each', async () => {
    const node = createFakeNode();
    const [alice, bob] = [await node.login('alice'), await node.login('bob')];
    const result = await node.execute({
      type: 'kick',
      system: 'default',
      target: { to: 'users', uids: ['alice', 'carol'] },
      reason: 'spam',
    });
    assert.deepEqual(result, { matched: 1, closed: 1 });
    assert.deepEqual(alice.closed, { error: 'kicked', code: 4503, reason: 'spam' });
    assert.equal(bob.isOpen, true);
    await settled();
    assert.deepEqual(
      node.seen.slice(-2).map(({ type }) => type),
      ['kicked', 'disconnected'],
    );
    assert.deepEqual(node.counters.disconnects, { 4503: 1 });
  });

  test('counts a connection that is closing as matched and not as closed', async () => {
    const node = createFakeNode();
    node.open().peerBeginsClosing();
    assert.deepEqual(await node.execute({ type: 'kick', system: 'default', target: { to: 'system' } }), {
      matched: 1,
      closed: 0,
    });
  });
});

describe('a list of slow consumers', () => {
  test('has those with more waiting than was said, the longest queue first, page by page', async () => {
    const node = createFakeNode();
    const waiting = [0, 700, 20, 5000, 300, 900].map((bytes) => {
      const connection = node.open();
      connection.stall();
      if (bytes > 0) connection.write(Buffer.alloc(bytes));
      return connection;
    });
    const where = [{ field: 'queueBytes', op: '>', value: '100' }] as const;
    const query = { where, sort: 'queueBytes', descending: true, limit: 3 };
    const first = await node.execute({ type: 'listConnections', query });
    assert.deepEqual([first.items.map(({ queueBytes }) => queueBytes), first.total], [[5000, 900, 700], 4]);
    waiting[5]?.resume();
    const { cursor = '' } = first;
    const rest = await node.execute({ type: 'listConnections', query: { ...query, cursor } });
    assert.deepEqual([rest.items.map(({ queueBytes }) => queueBytes), rest.cursor], [[300], undefined]);
  });
});

describe('systems', () => {
  test('are added once, listed by name, and removed with their connections closed', async () => {
    const node = createFakeNode();
    const added = await node.execute({ type: 'addSystem', system: 'shop' });
    assert.deepEqual({ ...added, createdAt: 0 }, { system: 'shop', createdAt: 0, connections: 0, users: 0, groups: 0 });
    await assert.rejects(node.execute({ type: 'addSystem', system: 'shop' }), { code: 'system_exists' });
    const connection = node.open({ system: 'shop' });
    const other = node.open();
    const page = await node.execute({ type: 'listSystems', query: {} });
    assert.deepEqual(
      page.items.map(({ system, connections }) => [system, connections]),
      [
        ['default', 1],
        ['shop', 1],
      ],
    );
    assert.deepEqual(await node.execute({ type: 'removeSystem', system: 'shop' }), { closed: 1 });
    assert.equal(connection.closed?.error, 'unknown_system');
    assert.equal(other.isOpen, true);
    await assert.rejects(node.execute({ type: 'removeSystem', system: 'shop' }), { code: 'unknown_system' });
    assert.deepEqual(
      node.seen.map(({ type }) => type).filter((type) => type.startsWith('system')),
      ['system_added', 'system_removed'],
    );
  });

  test('default cannot be removed, and names that cannot be are refused with the field', async () => {
    const node = createFakeNode();
    await assert.rejects(node.execute({ type: 'removeSystem', system: 'default' }), { code: 'bad_request' });
    for (const system of ['', probeSystem, '$x', 'a\u0007', 'x'.repeat(65)]) {
      await assert.rejects(node.execute({ type: 'addSystem', system }), { code: 'bad_request', field: 'systemId' });
    }
  });

  test('of which one is removed leave no member of it bound afterwards', async () => {
    const node = createFakeNode();
    await node.systems.add('shop', 1);
    const late = node.connect({ system: 'shop' });
    await node.execute({ type: 'removeSystem', system: 'shop' });
    assert.equal(
      await node.sessions.bind(late, { uid: 'u', deviceId: '', deviceName: '', channel: '' }, () => {}),
      false,
    );
    assert.equal(late.closed?.error, 'unknown_system');
    assert.equal(node.registry.size, 0);
    assert.deepEqual(await node.directory.routes('shop', 'u'), []);
  });
});

describe('online', () => {
  test('counts the connections of each user and id asked for, 0 where there is none', async () => {
    const node = createFakeNode();
    await node.systems.add('b', 1);
    await node.login('alice');
    await node.login('alice');
    const foreign = await node.login('bob', {}, { system: 'b' });
    const result = await node.execute({
      type: 'online',
      system: 'default',
      uids: ['alice', 'bob', '__proto__'],
      ids: ['1', String(foreign.cid), 'x'],
    });
    assert.deepEqual(Object.entries(result.users), [
      ['alice', 2],
      ['bob', 0],
      ['__proto__', 0],
    ]);
    assert.deepEqual(result.connections, { 1: 1, [foreign.cid]: 0, x: 0 });
  });
});

describe('lists', () => {
  test('of connections show clientIds that find them, make none for rows not shown, and keep to the system', async () => {
    const node = createFakeNode();
    await node.systems.add('b', 1);
    const [one, two] = [await node.login('alice'), await node.login('bob')];
    await node.login('alice', {}, { system: 'b' });
    node.open({ system: probeSystem });
    const page = await node.execute({ type: 'listConnections', query: { system: 'default', limit: 1 } });
    assert.equal(page.total, 2);
    assert.equal(node.registry.find('default', page.items[0]?.clientId ?? ''), one);
    assert.equal(two.clientId, undefined);
    const all = await node.execute({ type: 'listConnections', query: {} });
    assert.deepEqual(
      all.items.map(({ system }) => system),
      ['default', 'default', 'b'],
    );
  });

  test('of users, groups and systems answer for one system or for all', async () => {
    const node = createFakeNode();
    await node.systems.add('b', 1);
    for (const system of ['default', 'b']) {
      await node.login('alice', {}, { system });
      await node.execute({ type: 'join', system, group: 'g', members: { by: 'users', uids: ['alice'] } });
    }
    for (const type of ['listUsers', 'listGroups', 'listSystems'] as const) {
      const of = async (system?: string) => {
        const page = await node.execute({ type, query: system === undefined ? {} : { system } });
        return page.items.map((row) => row.system);
      };
      assert.deepEqual(await of(), ['b', 'default'], type);
      assert.deepEqual(await of('b'), ['b'], type);
    }
  });
});

const ofUnknownSystem: readonly Command[] = [
  { type: 'kick', system: 'none', target: { to: 'system' } },
  { type: 'leave', system: 'none', group: 'g', members: { by: 'users', uids: [] } },
  { type: 'removeGroup', system: 'none', group: 'g' },
  { type: 'removeSystem', system: 'none' },
  { type: 'listMembers', system: 'none', group: 'g', query: {} },
  { type: 'listConnections', query: { system: 'none' } },
  { type: 'listUsers', query: { system: 'none' } },
  { type: 'listGroups', query: { system: 'none' } },
  { type: 'online', system: 'none' },
];
for (const command of ofUnknownSystem) {
  test(`${command.type} in a system that does not exist is refused`, async () => {
    await assert.rejects(createFakeNode().execute(command), { code: 'unknown_system' });
  });
}

test('members of a group that is not there are an empty page', async () => {
  const page = await createFakeNode().execute({ type: 'listMembers', system: 'default', group: 'g', query: {} });
  assert.deepEqual(page, { items: [], total: 0 });
});

test('stats carry this node’s figures under the schema’s name', async () => {
  const stats = await createFakeNode().execute({ type: 'stats' });
  assert.equal(stats.schema, 'yunque.stats/1');
  assert.deepEqual([stats.nodes.map(({ node }) => node), stats.missingNodes, stats.health.verdict], [['n1'], [], 'ok']);
});

test('every member that is listed has a clientId that finds it', async () => {
  const node = createFakeNode();
  const member = node.open({ dialect: 'cim' });
  const members = { by: 'connections', ids: [String(member.cid)] } as const;
  await node.execute({ type: 'join', system: 'default', group: 'g', members });
  const page = await node.execute({ type: 'listMembers', system: 'default', group: 'g', query: {} });
  const { clientIds: all } = await node.execute({ type: 'listClientIds', system: 'default', group: 'g' });
  assert.deepEqual(
    page.items.map(({ clientId }) => clientId),
    all,
  );
  assert.equal(node.registry.find('default', all[0] ?? ''), member);
});

test('a store that fails is an internal error of the table, with what it threw as the cause', async () => {
  const systems = new MemorySystems();
  const cause = new Error('the disk is full');
  systems.add = () => Promise.reject(cause);
  const added = createFakeNode({ systems }).execute({ type: 'addSystem', system: 'shop' });
  await assert.rejects(added, { name: 'YunqueError', code: 'internal', cause });
});
