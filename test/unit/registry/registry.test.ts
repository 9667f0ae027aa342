import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { probeSystem } from '../../../src/api/system.ts';
import { joinGroup, joinGroupAsUser, leaveGroup, leaveGroupAsUser } from '../../../src/registry/groups.ts';
import { Registry } from '../../../src/registry/registry.ts';
import type { SystemIndex, User } from '../../../src/registry/system-index.ts';
import { FakeConnection } from '../../support/fake-connection.ts';
import { identity, mintClientId } from '../../support/fake-node.ts';

const labels = { userId: '', extend: '' };
const createRegistry = () => new Registry({ mintClientId });

function indexOf(registry: Registry, system = 'default'): SystemIndex {
  const index = registry.system(system);
  assert.ok(index, `there is a system ${system}`);
  return index;
}

function userOf(registry: Registry, uid: string): User {
  const user = indexOf(registry).users.get(uid);
  assert.ok(user, `${uid} is online`);
  return user;
}

describe('connections', () => {
  test('a connection is in its system and in the counts until it is removed, and a second removal says so', () => {
    const registry = createRegistry();
    const connection = new FakeConnection({ cid: 7, dialect: 'cim' });
    assert.equal(registry.add(connection), true);
    assert.equal(registry.size, 1);
    assert.equal(registry.countByDialect.cim, 1);
    assert.deepEqual(registry.connections, [connection]);
    assert.deepEqual(registry.remove(connection), []);
    assert.equal(registry.size, 0);
    assert.equal(registry.countByDialect.cim, 0);
    assert.equal(registry.system('default'), undefined, 'an empty system takes no memory');
    assert.equal(registry.remove(connection), undefined);
    assert.equal(registry.size, 0);
  });

  test('a connection added twice is there once', () => {
    const registry = createRegistry();
    const connection = new FakeConnection({ cid: 7 });
    registry.add(connection);
    assert.equal(registry.add(connection), false);
    assert.equal(registry.size, 1);
    registry.remove(connection);
    assert.equal(registry.size, 0);
  });

  test('the probe’s connection can be found and is in no count and no list', () => {
    const registry = createRegistry();
    const probe = new FakeConnection({ cid: 7, system: probeSystem });
    registry.add(probe);
    assert.equal(registry.find(probeSystem, '7'), probe);
    assert.equal(registry.size, 0);
    assert.deepEqual(registry.systems, []);
    assert.deepEqual(registry.connections, []);
    assert.deepEqual(registry.remove(probe), []);
    assert.equal(registry.size, 0);
  });
});

describe('finding', () => {
  test('a connection is found by cid, by clientId and by the base64url spelling, with and without padding', () => {
    const registry = createRegistry();
    const connection = new FakeConnection({ cid: 7 });
    registry.add(connection);
    const clientId = registry.clientIdOf(connection);
    const url = clientId.replaceAll('+', '-').replaceAll('/', '_');
    for (const ref of ['7', clientId, url, url.replace(/=+$/, '')]) {
      assert.equal(registry.find('default', ref), connection, ref);
    }
  });

  test('nothing is found under another system, after removal, or under a name that is no id', () => {
    const registry = createRegistry();
    const connection = new FakeConnection({ cid: 7, system: 'a' });
    registry.add(connection);
    const clientId = registry.clientIdOf(connection);
    for (const ref of ['7', clientId]) assert.equal(registry.find('b', ref), undefined);
    for (const ref of ['', '0', '-7', '07', '7.0', ' 7', '7e0', '0x7', '__proto__', mintClientId(), `${clientId}x`]) {
      assert.equal(registry.find('a', ref), undefined, ref);
    }
    registry.remove(connection);
    for (const ref of ['7', clientId]) assert.equal(registry.find('a', ref), undefined);
  });

  test('a number above 2^53 is not rounded to somebody else’s cid', () => {
    const registry = createRegistry();
    const last = new FakeConnection({ cid: Number.MAX_SAFE_INTEGER });
    registry.add(last);
    assert.equal(registry.find('default', '9007199254740991'), last);
    for (const ref of ['9007199254740992', '9007199254740993', '18014398509481982', '19007199254740991']) {
      assert.equal(registry.find('default', ref), undefined, ref);
    }
  });

  test('a clientId is made once, and one made before the connection was added is found too', () => {
    const registry = createRegistry();
    const connection = new FakeConnection({ cid: 7 });
    const clientId = registry.clientIdOf(connection);
    assert.equal(registry.find('default', clientId), undefined);
    registry.add(connection);
    assert.equal(registry.clientIdOf(connection), clientId);
    assert.equal(registry.find('default', clientId), connection);
  });

  test('a clientId made for a connection that has gone leads nowhere', () => {
    const registry = createRegistry();
    const connection = new FakeConnection({ cid: 7 });
    registry.add(connection);
    registry.remove(connection);
    assert.equal(registry.find('default', registry.clientIdOf(connection)), undefined);
  });
});

describe('users', () => {
  test('a user is there as long as one of its connections', () => {
    const registry = createRegistry();
    const [first, second] = [new FakeConnection({ cid: 1 }), new FakeConnection({ cid: 2 })];
    for (const connection of [first, second]) {
      registry.add(connection);
      registry.bind(connection, identity('alice'));
    }
    assert.equal(userOf(registry, 'alice').connections.size, 2);
    registry.remove(first);
    assert.deepEqual([...userOf(registry, 'alice').connections], [second]);
    registry.remove(second);
    assert.equal(registry.system('default'), undefined);
  });

  test('a connection that is not here is not bound', () => {
    const registry = createRegistry();
    const connection = new FakeConnection({ cid: 1 });
    assert.deepEqual(registry.bind(connection, identity('alice')), []);
    assert.equal(connection.identity, undefined);
    assert.equal(registry.system('default'), undefined);
  });

  test('names like __proto__ are names like others', () => {
    const registry = createRegistry();
    const connection = new FakeConnection({ cid: 1, system: '__proto__' });
    registry.add(connection);
    registry.bind(connection, identity('constructor'));
    joinGroup(indexOf(registry, '__proto__'), '__proto__', connection, labels);
    assert.deepEqual([...indexOf(registry, '__proto__').users.keys()], ['constructor']);
    assert.deepEqual([...indexOf(registry, '__proto__').groups.keys()], ['__proto__']);
    assert.equal(registry.find('__proto__', 'constructor'), undefined);
  });
});

describe('groups', () => {
  test('joining again changes nothing, not even the labels', () => {
    const registry = createRegistry();
    const connection = new FakeConnection({ cid: 1 });
    registry.add(connection);
    const index = indexOf(registry);
    assert.ok(joinGroup(index, 'g', connection, { userId: 'u', extend: 'e' }));
    assert.equal(joinGroup(index, 'g', connection, { userId: 'other', extend: '' }), undefined);
    const { userId, extend } = index.groups.get('g')?.members.get(connection) ?? {};
    assert.deepEqual([userId, extend], ['u', 'e']);
  });

  test('a group goes with its last member', () => {
    const registry = createRegistry();
    const [stays, goes] = [new FakeConnection({ cid: 1 }), new FakeConnection({ cid: 2 })];
    for (const connection of [stays, goes]) registry.add(connection);
    const index = indexOf(registry);
    const change = joinGroup(index, 'g', goes, labels);
    assert.ok(change);
    assert.equal(leaveGroup(index, change.group, goes)?.connection, goes);
    assert.equal(leaveGroup(index, change.group, goes), undefined);
    assert.equal(index.groups.size, 0);

    joinGroup(index, 'g', goes, labels);
    const left = registry.remove(goes);
    assert.deepEqual(
      left?.map(({ group, connection }) => [group.name, connection.cid]),
      [['g', 2]],
    );
    assert.equal(index.groups.size, 0);
    assert.equal(goes.groups?.size, 0);
  });

  test('a user who joined brings later connections along, and only those of that user', () => {
    const registry = createRegistry();
    const [first, later, other] = [1, 2, 3].map((cid) => new FakeConnection({ cid })) as [
      FakeConnection,
      FakeConnection,
      FakeConnection,
    ];
    registry.add(first);
    registry.bind(first, identity('alice'));
    joinGroupAsUser(indexOf(registry), 'g', userOf(registry, 'alice'), { userId: 'a', extend: 'x' });
    registry.add(later);
    const joined = registry.bind(later, identity('alice'));
    assert.deepEqual(
      joined.map(({ group, membership }) => [group.name, membership.userId, membership.extend]),
      [['g', 'a', 'x']],
    );
    registry.add(other);
    assert.deepEqual(registry.bind(other, identity('bob')), []);
    assert.deepEqual([...(indexOf(registry).groups.get('g')?.members.connections() ?? [])], [first, later]);
  });

  test('one connection may leave a group its user stays in', () => {
    const registry = createRegistry();
    const connection = new FakeConnection({ cid: 1 });
    registry.add(connection);
    registry.bind(connection, identity('alice'));
    const index = indexOf(registry);
    joinGroupAsUser(index, 'g', userOf(registry, 'alice'), labels);
    const group = index.groups.get('g');
    assert.ok(group);
    leaveGroup(index, group, connection);
    assert.equal(index.groups.get('g'), group, 'kept for the user’s next connection');
    const next = new FakeConnection({ cid: 2 });
    registry.add(next);
    assert.equal(registry.bind(next, identity('alice')).length, 1);
  });

  test('a user who leaves takes all its connections along, and nobody else', () => {
    const registry = createRegistry();
    const [one, two, other] = [1, 2, 3].map((cid) => new FakeConnection({ cid })) as [
      FakeConnection,
      FakeConnection,
      FakeConnection,
    ];
    for (const connection of [one, two, other]) {
      registry.add(connection);
      registry.bind(connection, identity(connection === other ? 'bob' : 'alice'));
    }
    const index = indexOf(registry);
    joinGroupAsUser(index, 'g', userOf(registry, 'alice'), labels);
    joinGroup(index, 'g', other, labels);
    const group = index.groups.get('g');
    assert.ok(group);
    const left = leaveGroupAsUser(index, group, userOf(registry, 'alice'));
    assert.deepEqual(
      left.map(({ connection }) => connection),
      [one, two],
    );
    assert.deepEqual([...group.members.connections()], [other]);
    assert.equal(userOf(registry, 'alice').groups?.size, 0);
  });

  test('a user whose last connection goes is out of its groups when it comes back', () => {
    const registry = createRegistry();
    const [first, again] = [new FakeConnection({ cid: 1 }), new FakeConnection({ cid: 2 })];
    registry.add(new FakeConnection({ cid: 9 }));
    registry.add(first);
    registry.bind(first, identity('alice'));
    joinGroupAsUser(indexOf(registry), 'g', userOf(registry, 'alice'), labels);
    registry.remove(first);
    assert.equal(indexOf(registry).groups.size, 0);
    registry.add(again);
    assert.deepEqual(registry.bind(again, identity('alice')), []);
  });
});
