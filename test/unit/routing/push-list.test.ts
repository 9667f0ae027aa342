import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PushListItem } from '../../../src/api/command.ts';
import { EndOfTurn } from '../../../src/registry/end-of-turn.ts';
import { Registry } from '../../../src/registry/registry.ts';
import { Counters } from '../../../src/telemetry/counters.ts';
import { EncodedMessage } from '../../../src/wire/encoded-message.ts';
import type { FakeConnection } from '../../support/fake-connection.ts';
import { createFakeNode, type FakeNode, jsonOf, mintClientId, settled } from '../../support/fake-node.ts';
import { samplePush } from '../../support/messages.ts';
import { messageBytes } from '../../support/publication.ts';

const item = (msg: string, more: Omit<PushListItem, 'message'>): PushListItem => ({
  message: { ...samplePush, msg },
  ...more,
});
const everyone = { target: { to: 'system' } } as const;
const user = (uid: string) => ({ target: { to: 'users', uids: [uid] } }) as const;
const groups = (...names: string[]) => ({ target: { to: 'groups', groups: names } }) as const;

const list = (node: FakeNode, items: readonly PushListItem[]) =>
  node.execute({ type: 'pushList', door: 'stream', system: 'default', items });

const heard = (connection: FakeConnection) => jsonOf(connection).flatMap(({ msg }) => (/^\d+$/.test(msg) ? [msg] : []));

async function join(node: FakeNode, group: string, ...uids: string[]): Promise<void> {
  await node.execute({ type: 'join', system: 'default', group, members: { by: 'users', uids } });
}

describe('pushList', () => {
  test('leaves out whom a message excludes, and nodes that it does not name', async () => {
    const node = createFakeNode();
    const [alice, bob] = [
      await node.login('alice', {}, { dialect: 'json' }),
      await node.login('bob', {}, { dialect: 'json' }),
    ];
    await join(node, 'g', 'alice', 'bob');
    const receipt = await list(node, [
      item('1', { ...everyone, exclude: { uids: ['bob'] } }),
      item('2', { ...groups('g'), exclude: { uids: ['alice', 'nobody'] } }),
      item('3', { ...groups('g', 'other'), exclude: { uids: ['alice'] } }),
      item('4', { target: { to: 'users', uids: ['alice', 'bob'] }, exclude: { uids: ['bob'] } }),
      item('5', { ...everyone, nodes: ['n2'] }),
      item('6', { ...groups('g'), nodes: ['n2', 'n1'] }),
      item('7', { ...user('bob'), nodes: ['n2'] }),
      item('8', { target: { to: 'users', uids: ['carol'] }, nodes: ['n2'] }),
    ]);
    assert.deepEqual(
      [heard(alice), heard(bob)],
      [
        ['1', '4', '6'],
        ['2', '3', '6'],
      ],
    );
    assert.deepEqual(receipt, {
      ...{ total: 8, matched: 6, delivered: 6, queued: 0, dropped: {} },
      ...{ missingNodes: [], offline: ['carol'] },
    });
    assert.deepEqual(node.counters.messagesIn, { stream: 8 });
  });

  test('hands a group its neighbouring messages in one buffer, and each member gets all in order', async () => {
    const node = createFakeNode();
    const [alice, bob] = [
      await node.login('alice', {}, { dialect: 'json' }),
      await node.login('bob', {}, { dialect: 'json' }),
    ];
    await join(node, 'g', 'alice', 'bob');
    await settled();
    for (const { batches } of [alice, bob]) batches.length = 0;
    const receipt = await list(
      node,
      ['1', '2', '3'].map((msg) => item(msg, groups('g'))),
    );
    assert.deepEqual([receipt.matched, receipt.delivered], [6, 6]);
    assert.deepEqual(
      [heard(alice), heard(bob)],
      [
        ['1', '2', '3'],
        ['1', '2', '3'],
      ],
    );
    assert.equal(alice.batches.length, 1);
    assert.equal(alice.batches[0], bob.batches[0]);
  });

  test('keeps the order of what is for a user between messages for its groups and for everyone', async () => {
    const delays: Record<string, number> = { slow: 10_000 };
    const counters = new Counters();
    const batching = (_system: string, group = '') => ({ delayMs: delays[group] ?? 0, maxBytes: 1e6 });
    const node = createFakeNode({ counters, registry: new Registry({ mintClientId, counters, batching }) });
    const alice = await node.login('alice', {}, { dialect: 'json' });
    const bob = await node.login('bob', {}, { dialect: 'json' });
    await join(node, 'slow', 'alice', 'bob');
    await join(node, 'quick', 'alice');
    await list(node, [
      item('1', groups('slow')),
      item('2', user('alice')),
      item('3', everyone),
      item('4', user('alice')),
      item('5', { target: { to: 'connections', ids: [String(alice.cid)] } }),
      item('6', groups('quick', 'slow')),
      item('7', groups('quick')),
      item('8', user('alice')),
    ]);
    assert.deepEqual(heard(alice), ['1', '2', '3', '4', '5', '6', '7', '8']);
    assert.deepEqual(heard(bob), ['1', '3', '6'].slice(0, heard(bob).length));
    assert.ok(heard(bob).includes('6'));
  });

  test('longer than a turn has room for goes on in the next ones, before pushes that came later', async () => {
    const node = createFakeNode({ registry: new Registry({ mintClientId, turn: new EndOfTurn({ slice: 3 }) }) });
    const alice = await node.login('alice', {}, { dialect: 'json' });
    for (let n = 0; n < 5; n += 1) await node.login(`u${n}`);
    const target = { to: 'users', uids: ['u0', 'u1', 'u2', 'u3', 'u4', 'alice'] } as const;
    const items = Array.from({ length: 20 }, (_, n) => item(String(n), { target }));
    const receipts = await Promise.all([
      list(node, items),
      list(node, [item('20', user('alice'))]),
      list(node, [item('21', { target }), item('22', user('alice'))]),
    ]);
    assert.deepEqual(
      heard(alice),
      Array.from({ length: 23 }, (_, n) => String(n)),
    );
    assert.deepEqual(
      receipts.map(({ delivered }) => delivered),
      [120, 1, 7],
    );
  });

  test('gives receivers of its dialect the bytes of a message that came encoded, and others its content', async () => {
    const node = createFakeNode();
    const [yunque, json] = [await node.login('a'), await node.login('b', {}, { dialect: 'json' })];
    const payload = Buffer.concat([Buffer.from([2]), messageBytes({ action: 'chat' })]);
    const message = new EncodedMessage('0123456789abcdef', 'yunque', payload);
    await list(node, [{ message, target: { to: 'system' } }]);
    assert.ok(yunque.received[0]?.subarray(-payload.length).equals(payload));
    assert.equal(jsonOf(json)[0]?.msg, 'chat');
  });
});
