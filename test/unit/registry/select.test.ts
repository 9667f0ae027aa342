import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exclusion, Target } from '../../../src/api/target.ts';
import { joinGroup, joinGroupAsUser } from '../../../src/registry/groups.ts';
import { Registry } from '../../../src/registry/registry.ts';
import { select } from '../../../src/registry/select.ts';
import { FakeConnection } from '../../support/fake-connection.ts';
import { identity, mintClientId } from '../../support/fake-node.ts';

/** alice 1 (phone) and 2 (browser), bob 3, nobody 4; g: 1 and 4, h: alice as a user. The same names again in `b` from 11. */
function crowd() {
  const registry = new Registry({ mintClientId });
  for (const [system, from] of [
    ['a', 0],
    ['b', 10],
  ] as const) {
    const [phone, browser, bob, nobody] = [1, 2, 3, 4].map((n) => new FakeConnection({ cid: from + n, system })) as [
      FakeConnection,
      FakeConnection,
      FakeConnection,
      FakeConnection,
    ];
    for (const connection of [phone, browser, bob, nobody]) registry.add(connection);
    registry.bind(phone, identity('alice', { deviceId: 'phone' }));
    registry.bind(browser, identity('alice', { deviceId: 'browser' }));
    registry.bind(bob, identity('bob', { deviceId: 'phone' }));
    const index = registry.system(system);
    assert.ok(index);
    for (const member of [phone, nobody]) joinGroup(index, 'g', member, { userId: '', extend: '' });
    const alice = index.users.get('alice');
    assert.ok(alice);
    joinGroupAsUser(index, 'h', alice, { userId: '', extend: '' });
  }
  return registry;
}

const registry = crowd();
const one = registry.find('a', '1');
assert.ok(one);
const clientId = registry.clientIdOf(one);

function selected(target: Target, exclude?: Exclusion) {
  const { connections, ...rest } = select(registry, 'a', target, exclude);
  return { cids: [...connections].map(({ cid }) => cid), ...rest };
}

const cases: readonly (readonly [string, Target, ReturnType<typeof selected>])[] = [
  [
    'connections by cid and clientId, each once',
    { to: 'connections', ids: ['3', '1', clientId, '3'] },
    { cids: [3, 1], unknown: [] },
  ],
  [
    'connections that do not exist, or in another system',
    { to: 'connections', ids: ['1', '99', '11', 'x'] },
    { cids: [1], unknown: ['99', '11', 'x'] },
  ],
  ['no connections', { to: 'connections', ids: [] }, { cids: [], unknown: [] }],
  ['one user', { to: 'users', uids: ['alice'] }, { cids: [1, 2], offline: [] }],
  ['one user who is not here', { to: 'users', uids: ['carol'] }, { cids: [], offline: ['carol'] }],
  [
    'several users, each once',
    { to: 'users', uids: ['bob', 'carol', 'alice', 'bob', 'carol'] },
    { cids: [3, 1, 2], offline: ['carol'] },
  ],
  ['no users', { to: 'users', uids: [] }, { cids: [], offline: [] }],
  [
    'connections of the right user',
    { to: 'userConnections', uids: ['alice'], ids: ['1', '3', '4', '99'] },
    { cids: [1], unknown: ['99'] },
  ],
  ['a device of a user', { to: 'device', uid: 'alice', deviceId: 'phone' }, { cids: [1], offline: [] }],
  ['a device the user is not on', { to: 'device', uid: 'alice', deviceId: 'tablet' }, { cids: [], offline: ['alice'] }],
  [
    'a device of a user who is not here',
    { to: 'device', uid: 'carol', deviceId: 'phone' },
    { cids: [], offline: ['carol'] },
  ],
  ['one group', { to: 'groups', groups: ['g'] }, { cids: [1, 4] }],
  ['several groups, a member of both once', { to: 'groups', groups: ['g', 'h', 'none'] }, { cids: [1, 4, 2] }],
  ['a group that is not there', { to: 'groups', groups: ['none'] }, { cids: [] }],
  ['the system', { to: 'system' }, { cids: [1, 2, 3, 4] }],
];

for (const [name, target, expected] of cases) {
  test(`selects ${name}`, () => assert.deepEqual(selected(target), expected));
}

test('leaves out connections and users, whatever the target, and no others', () => {
  const everybody: readonly Target[] = [
    { to: 'system' },
    { to: 'users', uids: ['alice', 'bob'] },
    { to: 'connections', ids: ['1', '2', '3', '4'] },
    { to: 'groups', groups: ['g', 'h'] },
    { to: 'userConnections', uids: ['alice', 'bob'], ids: ['1', '2', '3', '4'] },
    { to: 'device', uid: 'alice', deviceId: 'phone' },
  ];
  for (const target of everybody) {
    const all = selected(target);
    assert.deepEqual(selected(target, {}), all, target.to);
    assert.deepEqual(selected(target, { uids: ['carol'], ids: ['99', '11', 'x'] }), all, target.to);
    assert.deepEqual(
      selected(target, { ids: [clientId] }).cids,
      all.cids.filter((cid) => cid !== 1),
      target.to,
    );
    assert.deepEqual(
      selected(target, { uids: ['alice'], ids: ['4'] }).cids,
      all.cids.filter((cid) => ![1, 2, 4].includes(cid)),
      target.to,
    );
  }
});

test('a group that is named again and again is gone through once', (t) => {
  const { members } = registry.system('a')?.groups.get('g') ?? assert.fail();
  const gone = t.mock.method(members, 'connections');
  const { connections } = select(registry, 'a', { to: 'groups', groups: ['g', 'h', ...Array(1000).fill('g')] });
  assert.deepEqual([...connections].map(({ cid }) => cid).sort(), [1, 2, 4]);
  assert.equal(gone.mock.callCount(), 1);
});

test('a system nobody is in has nobody, says who is offline and what is unknown', () => {
  assert.deepEqual([...select(registry, 'c', { to: 'system' }).connections], []);
  assert.deepEqual(select(registry, 'c', { to: 'users', uids: ['alice'] }).offline, ['alice']);
  assert.deepEqual(select(registry, 'c', { to: 'connections', ids: ['1', clientId] }).unknown, ['1', clientId]);
  assert.deepEqual([...select(registry, 'c', { to: 'groups', groups: ['g', 'h'] }).connections], []);
});
