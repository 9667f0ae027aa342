import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PushCommand } from '../../../src/api/command.ts';
import { probeSystem } from '../../../src/api/system.ts';
import { EndOfTurn } from '../../../src/registry/end-of-turn.ts';
import { Registry } from '../../../src/registry/registry.ts';
import { Counters } from '../../../src/telemetry/counters.ts';
import type { FakeConnection } from '../../support/fake-connection.ts';
import { createFakeNode, jsonOf, mintClientId } from '../../support/fake-node.ts';
import { samplePush } from '../../support/messages.ts';

const push = (more: Partial<PushCommand> = {}): PushCommand => ({
  type: 'push',
  door: 'http',
  system: 'default',
  target: { to: 'system' },
  message: samplePush,
  ...more,
});

describe('push', () => {
  test('reaches the target and answers with a receipt that adds up', async () => {
    const node = createFakeNode();
    const [one, closing] = [node.open(), node.open()];
    closing.peerBeginsClosing();
    const alice = await node.login('alice');
    const receipt = await node.execute(push());
    assert.deepEqual(receipt, {
      messageId: samplePush.messageId,
      matched: 3,
      delivered: 2,
      queued: 0,
      stored: 0,
      dropped: { closing: 1 },
      missingNodes: [],
    });
    assert.equal(one.received.length, 1);
    assert.equal(alice.received.length, 1);
    assert.deepEqual(node.counters.messagesIn, { http: 1 });
    assert.deepEqual(node.counters.deliveries, { json: 1, yunque: 1, cim: 0, 'cim-json': 0 });
  });

  test('says which users are offline and which connections unknown, as the target names them', async () => {
    const node = createFakeNode();
    await node.login('alice');
    const users = await node.execute(push({ target: { to: 'users', uids: ['alice', 'bob'] } }));
    assert.deepEqual([users.delivered, users.offline, 'unknown' in users], [1, ['bob'], false]);
    const ids = await node.execute(push({ target: { to: 'connections', ids: ['1', '99'] } }));
    assert.deepEqual([ids.delivered, ids.unknown, 'offline' in ids], [1, ['99'], false]);
    const everyone = await node.execute(push());
    assert.deepEqual(['offline' in everyone, 'unknown' in everyone], [false, false]);
  });

  test('keeps within the system and the nodes it names, and leaves out whom it excludes', async () => {
    const node = createFakeNode();
    await node.systems.add('b', 1);
    const [here, other] = [node.open(), node.open({ system: 'b' })];
    const alice = await node.login('alice');
    assert.equal((await node.execute(push({ exclude: { uids: ['alice'] } }))).matched, 1);
    assert.equal((await node.execute(push({ nodes: ['n2'] }))).matched, 0);
    assert.equal((await node.execute(push({ nodes: ['n2', 'n1'] }))).matched, 2);
    assert.deepEqual([here.received.length, alice.received.length, other.received.length], [2, 1, 0]);
  });

  test('to several groups keeps its place in each, however long one of them waits', async () => {
    const delays: Record<string, number> = { slow: 10_000 };
    const counters = new Counters();
    const batching = (_system: string, group = '') => ({ delayMs: delays[group] ?? 0, maxBytes: 1e6 });
    const node = createFakeNode({ counters, registry: new Registry({ mintClientId, counters, batching }) });
    const [both, quick] = [node.open(), node.open()];
    const join = (group: string, ...ids: string[]) =>
      node.execute({ type: 'join', system: 'default', group, members: { by: 'connections', ids } });
    await Promise.all([join('slow', '1'), join('quick', '1', '2')]);
    const send = (msg: string, ...groups: string[]) =>
      node.execute(push({ target: { to: 'groups', groups }, message: { ...samplePush, msg } }));
    await send('1', 'slow');
    await send('2', 'slow', 'quick');
    await send('3', 'quick', 'slow');
    await send('4', 'quick');
    const heard = (connection: FakeConnection) =>
      jsonOf(connection).flatMap(({ msg }) => (/^\d$/.test(msg) ? [msg] : []));
    assert.deepEqual(
      [heard(both), heard(quick)],
      [
        ['1', '2', '3', '4'],
        ['2', '3', '4'],
      ],
    );
    assert.equal((await send('5', 'quick', 'slow')).matched, 2, 'who is in both counts once');
  });

  test('stays behind those before it, whoever else each of them is for', async () => {
    const node = createFakeNode({ registry: new Registry({ mintClientId, turn: new EndOfTurn({ slice: 3 }) }) });
    const alice = await node.login('alice', {}, { dialect: 'json' });
    for (let n = 0; n < 5; n += 1) await node.login(`u${n}`);
    await node.execute({ type: 'join', system: 'default', group: 'g', members: { by: 'users', uids: ['alice'] } });
    alice.received.length = 0;
    const others = Array.from({ length: 5 }, (_, n) => `u${n}`);
    const targets = [{ uids: [...others, 'alice'] }, { uids: ['alice'] }, { uids: ['alice', ...others] }];
    const pushes = Array.from({ length: 30 }, (_, n) => {
      const target = { to: 'users', ...(targets[n % 3] ?? { uids: [] }) } as const;
      const message = { ...samplePush, msg: String(n) };
      if (n % 5 !== 0) return node.execute(push({ target, message }));
      return node.execute({ type: 'pushList', door: 'http', system: 'default', items: [{ target, message }] });
    });
    await Promise.all(pushes);
    assert.deepEqual(
      jsonOf(alice).map(({ msg }) => msg),
      Array.from({ length: 30 }, (_, n) => String(n)),
    );
  });

  test('into a system that does not exist is refused and counted as nothing', async () => {
    const node = createFakeNode();
    await assert.rejects(node.execute(push({ system: 'none' })), { code: 'unknown_system', field: 'system' });
    assert.deepEqual(node.counters.messagesIn, {});
  });

  test('of the probe needs no system of record and is in no count', async () => {
    const node = createFakeNode();
    const probe = node.open({ system: probeSystem });
    const receipt = await node.execute(push({ door: 'probe', system: probeSystem }));
    assert.equal(receipt.delivered, 1);
    assert.equal(jsonOf(probe)[0]?.msg, samplePush.msg);
    assert.deepEqual([node.counters.messagesIn, node.counters.deliveries.json], [{}, 0]);
    assert.deepEqual(node.seen, []);
  });

  test('by another door does not reach the probe’s system', async () => {
    const node = createFakeNode();
    node.open({ system: probeSystem });
    await assert.rejects(node.execute(push({ system: probeSystem })), { code: 'unknown_system' });
  });
});

describe('pushList', () => {
  test('delivers each message to its own target, in order, and sums up', async () => {
    const node = createFakeNode();
    const alice = await node.login('alice', {}, { dialect: 'json' });
    const bob = await node.login('bob', {}, { dialect: 'json' });
    bob.peerBeginsClosing();
    const to = (uid: string, msg: string) => ({
      target: { to: 'users', uids: [uid] } as const,
      message: { ...samplePush, msg },
    });
    const items = [to('alice', '1'), to('carol', '2'), to('alice', '3'), to('bob', '4'), to('carol', '5')];
    const receipt = await node.execute({ type: 'pushList', door: 'admin', system: 'default', items });
    assert.deepEqual(receipt, {
      total: 5,
      matched: 3,
      delivered: 2,
      queued: 0,
      dropped: { closing: 1 },
      missingNodes: [],
      offline: ['carol'],
    });
    assert.deepEqual(
      jsonOf(alice).map(({ msg }) => msg),
      ['1', '3'],
    );
    assert.deepEqual(node.counters.messagesIn, { admin: 5 });
  });

  test('into a system that does not exist is refused', async () => {
    const node = createFakeNode();
    const command = { type: 'pushList', door: 'http', system: 'none', items: [] } as const;
    await assert.rejects(node.execute(command), { code: 'unknown_system' });
  });
});
