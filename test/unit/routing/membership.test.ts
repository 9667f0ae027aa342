import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MemberSelector } from '../../../src/api/command.ts';
import { createFakeNode, type FakeNode, jsonOf, settled } from '../../support/fake-node.ts';

const cids = (...ids: number[]): MemberSelector => ({ by: 'connections', ids: ids.map(String) });
const uids = (...ids: string[]): MemberSelector => ({ by: 'users', uids: ids });
const join = (
  node: FakeNode,
  group: string,
  members: MemberSelector,
  more: { userId?: string; extend?: string } = {},
) => node.execute({ type: 'join', system: 'default', group, members, ...more });
const leave = (node: FakeNode, group: string, members: MemberSelector) =>
  node.execute({ type: 'leave', system: 'default', group, members });
const codes = (connection: Parameters<typeof jsonOf>[0]) => jsonOf(connection).map(({ code }) => code);
const kinds = (node: FakeNode) => node.seen.map(({ type }) => type);

describe('join', () => {
  test('tells every member who came, the joiner included, in the order they came', async () => {
    const node = createFakeNode();
    const [first, second] = [node.open(), node.open()];
    await join(node, 'g', cids(first.cid), { userId: 'u1', extend: 'e1' });
    const result = await join(node, 'g', cids(second.cid), { userId: 'u2' });
    assert.deepEqual(result, { matched: 1, changed: 1, unknown: [] });
    const notices = jsonOf(first).map(({ code, msg, data, sendUserId }) => ({ code, msg, data, sendUserId }));
    assert.deepEqual(notices, [
      { code: 1001, msg: '客户端上线', sendUserId: '', data: { clientId: first.clientId, userId: 'u1', extend: 'e1' } },
      { code: 1001, msg: '客户端上线', sendUserId: '', data: { clientId: second.clientId, userId: 'u2', extend: '' } },
    ]);
    assert.deepEqual(codes(second), [1001]);
    assert.deepEqual(kinds(node).slice(2), ['joined', 'joined']);
  });

  test('again changes nothing and tells nobody', async () => {
    const node = createFakeNode();
    const member = node.open();
    await join(node, 'g', cids(1));
    const before = node.seen.length;
    assert.deepEqual(await join(node, 'g', cids(1), { userId: 'other' }), { matched: 1, changed: 0, unknown: [] });
    assert.equal(member.received.length, 1);
    assert.equal(node.seen.length, before);
  });

  test('names whom it did not find, and joins the others', async () => {
    const node = createFakeNode();
    node.open();
    await node.systems.add('b', 1);
    const foreign = node.open({ system: 'b' });
    assert.deepEqual(await join(node, 'g', cids(1, foreign.cid, 99)), {
      matched: 1,
      changed: 1,
      unknown: [String(foreign.cid), '99'],
    });
    assert.equal(foreign.received.length, 0);
    assert.deepEqual(await join(node, 'g', uids('nobody')), { matched: 0, changed: 0, unknown: ['nobody'] });
  });

  test('by users covers all their connections, later ones too, each user once', async () => {
    const node = createFakeNode();
    const [one, two] = [await node.login('alice'), await node.login('alice')];
    assert.deepEqual(await join(node, 'g', uids('alice', 'alice')), { matched: 2, changed: 2, unknown: [] });
    const three = await node.login('alice');
    const page = await node.execute({ type: 'listMembers', system: 'default', group: 'g', query: {} });
    assert.deepEqual(
      page.items.map(({ cid }) => cid),
      [one, two, three].map(({ cid }) => String(cid)),
    );
    assert.equal(three.received.length, 1, 'the joiner hears of itself');
  });

  test('sends no notices where they are off, and still reports the events', async () => {
    const node = createFakeNode({ notices: false });
    const member = node.open();
    await join(node, 'g', cids(1));
    assert.equal(member.received.length, 0);
    assert.equal(kinds(node).at(-1), 'joined');
  });

  test('of many at once gives the loop back between its notices, which are a square of them', async () => {
    const node = createFakeNode();
    const members = Array.from({ length: 200 }, () => node.open());
    let turns = 0;
    const count = () => {
      turns += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    await join(node, 'g', cids(...members.map(({ cid }) => cid)));
    clearImmediate(counting);
    assert.ok(turns >= 1, 'nothing else had a turn');
    for (const member of members) assert.equal(codes(member).length, 200);
  });

  test('is refused for a name that cannot be one, naming the field', async () => {
    const node = createFakeNode();
    node.open();
    for (const group of ['', 'a\nb', 'x'.repeat(65), '云'.repeat(22)]) {
      await assert.rejects(join(node, group, cids(1)), { code: 'bad_request', field: 'groupName' }, group);
    }
    assert.equal((await join(node, '云'.repeat(21), cids(1))).changed, 1);
    await assert.rejects(node.execute({ type: 'join', system: 'none', group: 'g', members: cids(1) }), {
      code: 'unknown_system',
    });
  });

  test('of one group too many is refused for all of them, and one joined already is not one too many', async () => {
    const node = createFakeNode();
    node.open();
    const free = node.open();
    for (const group of ['a', 'b', 'c']) await join(node, group, cids(1));
    await assert.rejects(join(node, 'd', cids(2, 1)), { code: 'limit_reached', hint: /limits\.groupsPerConnection/ });
    assert.equal(free.groups, undefined, 'nothing was changed for the others either');
    assert.deepEqual(await join(node, 'c', cids(1)), { matched: 1, changed: 0, unknown: [] });
  });
});

describe('leave', () => {
  test('tells those who stay, and not the one who left', async () => {
    const node = createFakeNode();
    const [stays, goes] = [node.open(), node.open()];
    await join(node, 'g', cids(1, 2), { userId: 'u' });
    assert.deepEqual(await leave(node, 'g', cids(2, 99)), { matched: 1, changed: 1, unknown: ['99'] });
    assert.deepEqual(codes(stays), [1001, 1001, 1002]);
    assert.deepEqual(codes(goes), [1001, 1001]);
    assert.deepEqual(jsonOf(stays).at(-1)?.data, { clientId: goes.clientId, userId: 'u', extend: '' });
  });

  test('of a group that is not there, or that one is not in, changes nothing', async () => {
    const node = createFakeNode();
    node.open();
    node.open();
    assert.deepEqual(await leave(node, 'g', cids(1)), { matched: 1, changed: 0, unknown: [] });
    await join(node, 'g', cids(1));
    assert.deepEqual(await leave(node, 'g', cids(2)), { matched: 1, changed: 0, unknown: [] });
  });

  test('by users ends what joining by users began', async () => {
    const node = createFakeNode();
    await node.login('alice');
    await join(node, 'g', uids('alice'));
    assert.deepEqual(await leave(node, 'g', uids('alice')), { matched: 1, changed: 1, unknown: [] });
    const later = await node.login('alice');
    assert.equal(later.groups, undefined);
  });

  test('of many at once is told to those who stay only, and nothing of it counts as dropped', async () => {
    const node = createFakeNode();
    const members = Array.from({ length: 5 }, () => node.open());
    await join(node, 'g', cids(...members.map(({ cid }) => cid)));
    const [stays, ...going] = members;
    const told = codes(stays ?? node.open()).length;
    for (const connection of going) connection.close('going_away');
    for (const connection of going) await node.sessions.close(connection, 4001, '');
    assert.deepEqual(codes(stays ?? node.open()).slice(told), [1002, 1002, 1002, 1002]);
    assert.deepEqual(node.counters.dropped, {});
  });

  test('happens by itself when a connection closes: told to those who stay', async () => {
    const node = createFakeNode();
    const [stays, goes] = [node.open(), node.open()];
    await join(node, 'g', cids(1, 2));
    goes.close('kicked');
    await settled();
    assert.deepEqual(codes(stays), [1001, 1001, 1002]);
    assert.deepEqual(kinds(node).slice(-2), ['disconnected', 'left']);
  });
});

describe('removeGroup', () => {
  test('takes everybody out without notices, users as well, and reports each in the events', async () => {
    const node = createFakeNode();
    const member = node.open();
    const alice = await node.login('alice', {}, { dialect: 'json' });
    await join(node, 'g', cids(member.cid));
    await join(node, 'g', uids('alice'));
    const before = [member.received.length, alice.received.length];
    const remove = { type: 'removeGroup', system: 'default', group: 'g' } as const;
    assert.deepEqual(await node.execute(remove), { removed: 2 });
    assert.deepEqual([member.received.length, alice.received.length], before);
    assert.deepEqual(kinds(node).slice(-2), ['left', 'left']);
    assert.equal((await node.execute({ type: 'listGroups', query: {} })).total, 0);
    assert.equal((await node.login('alice')).groups, undefined);
    assert.deepEqual(await node.execute(remove), { removed: 0 });
  });
});
