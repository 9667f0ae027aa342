import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PushMessage } from '../../../../src/api/message.ts';
import type { TailCopy, TailItem, TailQuery } from '../../../../src/api/tail.ts';
import type { Target } from '../../../../src/api/target.ts';
import { tappedUplink } from '../../../../src/routing/tail/tapped.ts';
import { createFakeNode } from '../../../support/fake-node.ts';

const push = (msg: string): PushMessage => ({
  ...{ kind: 'push', messageId: msg.padStart(16, '0'), sendUserId: '', code: 0, msg, data: 'null' },
});

/** A node with a tap, which alice (two connections), bob and a stranger of another system are on; alice and bob are in `room`. */
async function createScene() {
  const node = createFakeNode();
  await node.systems.add('shop', 1);
  const alice = await node.login('alice');
  const [second, bob] = [await node.login('alice'), await node.login('bob')];
  const stranger = node.connect({ system: 'shop' });
  await node.sessions.bind(stranger, { uid: 'alice', deviceId: '', deviceName: '', channel: '' }, () => {});
  const members = { by: 'connections', ids: [String(alice.cid), String(bob.cid)] } as const;
  await node.execute({ type: 'join', system: 'default', group: 'room', members });
  const send = (msg: string, target: Target, more: { system?: string; exclude?: object } = {}) =>
    node.execute({ type: 'push', door: 'http', system: 'default', target, message: push(msg), ...more });
  const tail = (query: TailQuery) => {
    const items: TailItem[] = [];
    const close = node.taps.open(query, (item) => items.push(item));
    const copies = () => items.filter((item): item is TailCopy => item.type === 'copy');
    const words = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return copies().map(({ kind, body }) => (kind === 'push' ? (JSON.parse(body) as PushMessage).msg : kind));
    };
    return { copies, words, close };
  };
  return { node, alice, second, bob, stranger, send, tail };
}

const toAlice = { to: 'users', uids: ['alice'] } as const;
const toRoom = { to: 'groups', groups: ['room'] } as const;
const toAll = { to: 'system' } as const;

describe('taps', () => {
  test('without a filter copy each push once, with its receipt, of all systems; none when closed', async () => {
    const { node, send, tail } = await createScene();
    const { words, copies, close } = tail({});
    await send('a', toAlice);
    await send('b', toAll, { system: 'shop' });
    assert.deepEqual(await words(), ['a', 'b']);
    const { time, ...first } = copies()[0] as TailCopy;
    assert.ok(Math.abs(time - Date.now()) < 60_000);
    assert.deepEqual(first, {
      ...{ type: 'copy', node: 'n1', system: 'default', direction: 'out', door: 'http', kind: 'push', bytes: 48 },
      ...{ messageId: '000000000000000a', target: toAlice, body: '{"sendUserId":"","code":0,"msg":"a","data":null}' },
      ...{ isRedacted: false, isCut: false, matched: 2, delivered: 2, dropped: {} },
    });
    assert.equal(node.taps.isOpen, true);
    close();
    assert.equal(node.taps.isOpen, false);
    await send('c', toAll);
    assert.deepEqual(await words(), ['a', 'b']);
  });

  test('of a user copy what reaches it, however it is addressed, once; and what finds it nowhere', async () => {
    const { send, tail, bob } = await createScene();
    const { words, copies } = tail({ system: 'default', uid: 'alice' });
    await send('user', toAlice);
    await send('room', toRoom);
    await send('all', toAll);
    await send('connection', { to: 'connections', ids: [String(bob.cid)] });
    await send('bob', { to: 'users', uids: ['bob'] });
    await send('not her', toAll, { exclude: { uids: ['alice'] } });
    await send('elsewhere', toAlice, { system: 'shop' });
    assert.deepEqual(await words(), ['user', 'room', 'all']);
    assert.ok(copies().every(({ uid, cid, matched }) => uid === 'alice' && cid !== undefined && matched === undefined));
    const carol = tail({ system: 'default', uid: 'carol' });
    await send('carol', { to: 'users', uids: ['carol'] });
    await send('others', { to: 'users', uids: ['bob'] });
    assert.deepEqual(await carol.words(), ['carol']);
    assert.equal(carol.copies()[0]?.matched, 0);
  });

  test('of a user do not go through her connections for what names others', async () => {
    const { node, send, tail } = await createScene();
    const { words } = tail({ uid: 'alice' });
    const user = node.registry.system('default')?.users.get('alice') ?? assert.fail();
    let looked = 0;
    Object.defineProperty(user, 'connections', {
      get() {
        looked++;
        return new Set();
      },
    });
    const toBob = { to: 'users', uids: ['bob'] } as const;
    for (const target of [toBob, { ...toBob, to: 'userConnections', ids: ['1'] } as const]) await send('a', target);
    await send('b', { to: 'device', uid: 'bob', deviceId: '' });
    assert.equal(looked, 0);
    assert.deepEqual(await words(), []);
  });

  test('of a connection, and of several filters, copy what meets each of them', async () => {
    const { send, tail, alice, second } = await createScene();
    const of = tail({ system: 'default', client: String(second.cid) });
    const both = tail({ system: 'default', client: String(alice.cid), group: 'room' });
    const wrong = tail({ system: 'default', client: String(alice.cid), uid: 'bob' });
    await send('user', toAlice);
    await send('room', toRoom);
    await send('first', { to: 'connections', ids: [String(alice.cid)] });
    await send('second', { to: 'userConnections', uids: ['alice'], ids: [String(second.cid)] });
    assert.deepEqual(await of.words(), ['user', 'second']);
    assert.deepEqual(await both.words(), ['room']);
    assert.deepEqual(await wrong.words(), []);
  });

  test('of a group copy what is sent to it, notices too, and nothing to everyone', async () => {
    const { node, send, tail, second } = await createScene();
    const { words } = tail({ system: 'default', group: 'room' });
    const elsewhere = tail({ system: 'shop', group: 'room' });
    await send('room', toRoom);
    await send('rooms', { to: 'groups', groups: ['other', 'room'] });
    await send('all', toAll);
    const members = { by: 'connections', ids: [String(second.cid)] } as const;
    await node.execute({ type: 'join', system: 'default', group: 'room', members });
    assert.deepEqual(await words(), ['room', 'rooms', 'notice']);
    assert.deepEqual(await elsewhere.words(), []);
  });

  test('copy each message of a list, for a user those that are hers', async () => {
    const { node, tail } = await createScene();
    const [all, hers] = [tail({}), tail({ system: 'default', uid: 'alice' })];
    const items = [
      { target: toAlice, message: push('a') },
      { target: { to: 'users', uids: ['bob'] } as const, message: push('b') },
      { target: toRoom, message: push('c') },
    ];
    await node.execute({ type: 'pushList', door: 'http', system: 'default', items });
    assert.deepEqual(await all.words(), ['a', 'b', 'c']);
    assert.equal(all.copies()[0]?.matched, undefined);
    assert.deepEqual(await hers.words(), ['a', 'c']);
  });

  test('copy what clients ask, with who asks; of a direction only that', async () => {
    const { node, send, tail, alice, bob } = await createScene();
    const [both, incoming, outgoing] = [tail({}), tail({ direction: 'in' }), tail({ direction: 'out' })];
    const [hers, room] = [tail({ system: 'default', uid: 'alice' }), tail({ system: 'default', group: 'room' })];
    const uplink = tappedUplink({ ask: () => 'answered' }, node.taps);
    const ask = (from: typeof alice, key: string) =>
      uplink.ask({ from, key, timestamp: 0n, data: new Map([['card', '4711']]) });
    assert.equal(ask(alice, 'pay'), 'answered');
    ask(bob, 'look');
    await send('out', toAll);
    assert.deepEqual(await both.words(), ['pay', 'look', 'out']);
    assert.deepEqual(await incoming.words(), ['pay', 'look']);
    assert.deepEqual(await outgoing.words(), ['out']);
    assert.deepEqual(await hers.words(), ['pay', 'out']);
    assert.deepEqual(await room.words(), ['pay', 'look']);
    const [copy] = hers.copies();
    assert.deepEqual(
      [copy?.direction, copy?.door, copy?.uid, copy?.cid, copy?.body],
      ['in', 'client', 'alice', String(alice.cid), '{"card":"4711"}'],
    );
  });

  test('copy the word to a login that a newer one replaces', async () => {
    const { node, tail } = await createScene();
    await node.login('dora', { channel: 'ios', deviceId: 'd1' });
    const { words, copies } = tail({ system: 'default', uid: 'dora' });
    await node.login('dora', { channel: 'ios', deviceId: 'd2', deviceName: 'phone' });
    assert.deepEqual(await words(), ['replaced']);
    assert.equal(copies()[0]?.body, '{"uid":"dora","deviceName":"phone"}');
  });

  test('redact, sample, cut bodies and shorten lists of names', async () => {
    const { node, send, tail } = await createScene();
    const [hidden, some, whole] = [tail({ redact: true }), tail({ sample: 0.000001 }), tail({})];
    const uids = Array.from({ length: 25 }, (_, n) => `u${n}`);
    await send('secret', { to: 'users', uids });
    const long = { ...push('long'), data: JSON.stringify('x'.repeat(20_000)) };
    await node.execute({ type: 'push', door: 'http', system: 'default', target: toAll, message: long });
    assert.equal((await hidden.words())[0], '<string 6>');
    assert.deepEqual(await some.words(), []);
    await new Promise((resolve) => setImmediate(resolve));
    const [first, second] = whole.copies();
    assert.deepEqual([first?.targets, first?.target], [25, { to: 'users', uids: uids.slice(0, 10) }]);
    assert.deepEqual([second?.isCut, second?.bytes, second?.body.length], [true, 20_049, 8192]);
    assert.equal(hidden.copies()[1]?.body.includes('xx'), false);
  });

  test('see nothing of the probe', async () => {
    const { node, tail } = await createScene();
    const { words } = tail({});
    const target: Target = { to: 'system' };
    await node.execute({ type: 'push', door: 'probe', system: '$probe', target, message: push('p') }).catch(() => {});
    assert.deepEqual(await words(), []);
  });
});
