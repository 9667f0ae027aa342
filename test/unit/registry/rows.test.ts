import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinGroup, joinGroupAsUser } from '../../../src/registry/groups.ts';
import { Registry } from '../../../src/registry/registry.ts';
import { connectionRow, groupReaders, memberReaders, rowOf, userReaders } from '../../../src/registry/rows.ts';
import { FakeConnection } from '../../support/fake-connection.ts';
import { identity, mintClientId } from '../../support/fake-node.ts';

function oneOfEach() {
  const registry = new Registry({ mintClientId });
  const alice = new FakeConnection({ cid: 1, dialect: 'cim' });
  const anonymous = new FakeConnection({ cid: 2, dialect: 'json' });
  for (const connection of [alice, anonymous]) registry.add(connection);
  const who = { deviceId: 'd1', deviceName: 'Pixel', channel: 'android', boundAt: 1_700_000_001_000 };
  registry.bind(alice, identity('alice', who));
  const index = registry.system('default');
  const user = index?.users.get('alice');
  assert.ok(index && user);
  joinGroupAsUser(index, 'g', user, { userId: 'a', extend: 'x' });
  joinGroup(index, 'g', anonymous, { userId: 'label', extend: '' });
  const group = index.groups.get('g');
  assert.ok(group);
  return { registry, index, alice, anonymous, user, group };
}

test('a connection’s row says who it is, how old and idle it is, in whole seconds, and what went through it', () => {
  const { alice } = oneOfEach();
  alice.write(Buffer.alloc(10));
  alice.stall();
  alice.write(Buffer.alloc(20));
  alice.idleMs = 1999;
  assert.deepEqual(connectionRow('n1', alice, alice.connectedAt + 5999), {
    cid: '1',
    clientId: '',
    system: 'default',
    dialect: 'cim',
    node: 'n1',
    remoteAddress: '127.0.0.1',
    connectedAt: 1_700_000_000_000,
    ageSeconds: 5,
    idleSeconds: 1,
    uid: 'alice',
    deviceId: 'd1',
    deviceName: 'Pixel',
    channel: 'android',
    boundAt: 1_700_000_001_000,
    groups: ['g'],
    delivered: 2,
    dropped: 0,
    queueBytes: 20,
  });
});

test('a connection without a user has no fields of one, and a clock that was set back gives no negative age', () => {
  const { anonymous } = oneOfEach();
  const row = connectionRow('n1', anonymous, anonymous.connectedAt - 5000);
  assert.equal(row.ageSeconds, 0);
  for (const field of ['uid', 'deviceId', 'deviceName', 'channel', 'boundAt']) assert.ok(!(field in row), field);
});

test('a user’s row gathers its connections, each device and group once', () => {
  const { registry, index, user } = oneOfEach();
  const more = [
    identity('alice', { deviceId: 'd1', boundAt: 5 }),
    identity('alice', { deviceId: 'd2', boundAt: 1_700_000_009_000 }),
    identity('alice', { deviceId: '', boundAt: 7 }),
  ];
  for (const [at, who] of more.entries()) {
    const connection = new FakeConnection({ cid: 10 + at });
    registry.add(connection);
    registry.bind(connection, who);
  }
  assert.deepEqual(rowOf(user, userReaders('n1', index.id)), {
    uid: 'alice',
    system: 'default',
    connections: 4,
    devices: ['d1', 'd2'],
    groups: ['g'],
    nodes: ['n1'],
    boundAt: 1_700_000_009_000,
  });
});

test('a group’s row counts connections; its members carry their labels, and a clientId once somebody needed one', () => {
  const { registry, index, group, anonymous } = oneOfEach();
  assert.deepEqual(rowOf(group, groupReaders(index)), { group: 'g', system: 'default', members: 2 });
  registry.clientIdOf(anonymous);
  const rows = [...group.members.places()].map((place) => rowOf(place, memberReaders('n1')));
  assert.deepEqual(
    rows.map(({ clientId, ...row }) => row),
    [
      { cid: '1', node: 'n1', dialect: 'cim', uid: 'alice', userId: 'a', extend: 'x' },
      { cid: '2', node: 'n1', dialect: 'json', userId: 'label', extend: '' },
    ],
  );
  assert.deepEqual(
    rows.map(({ clientId }) => registry.find('default', clientId)),
    [undefined, anonymous],
  );
});
