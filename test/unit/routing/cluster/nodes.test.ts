import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { probeSystem } from '../../../../src/api/system.ts';
import { encodeEnvelope } from '../../../../src/wire/cluster/envelope.ts';
import { createFakeCluster, type FakeClusterNode } from '../../../support/fake-cluster.ts';

const send = async (node: FakeClusterNode, uids: readonly string[]) => {
  const message = { kind: 'push', messageId: 'm', sendUserId: '', code: 0, msg: '', data: 'null' } as const;
  const target = { to: 'users', uids } as const;
  const receipt = await node.execute({ type: 'push', door: 'http', system: 'default', target, message });
  return [receipt.delivered, receipt.missingNodes, receipt.offline];
};

describe('a node that joins', () => {
  test('knows all users when it has started, and may log them in at once', async () => {
    const cluster = await createFakeCluster(['n1', 'n2']);
    const [one, two] = cluster.nodes as [FakeClusterNode, FakeClusterNode];
    const older = await one.login('alice', { deviceId: 'd1', channel: 'ios' });
    for (let n = 0; n < 12_000; n += 1) await two.context.directory.login({ ...route(`u${n}`, 'n2'), cid: n + 1 });
    const three = await cluster.join('n3');
    assert.deepEqual(await three.context.directory.routes('default', 'u11999'), [
      ...(await two.context.directory.routes('default', 'u11999')),
    ]);
    assert.deepEqual(await send(three, ['alice']), [1, [], []]);
    const newer = await three.login('alice', { deviceId: 'd2', channel: 'ios' });
    assert.deepEqual([older.isOpen, newer.isOpen], [false, true]);
    assert.ok((newer.identity?.loginSequence ?? 0) > (older.identity?.loginSequence ?? 0));
    assert.deepEqual(await send(one, ['alice']), [1, [], []]);
  });

  test('under the name of one that died has none of its users', async () => {
    const cluster = await createFakeCluster();
    const [one, two] = cluster.nodes as [FakeClusterNode, FakeClusterNode];
    await two.login('alice');
    cluster.hub.kill('n2');
    assert.deepEqual(await send(one, ['alice']), [0, [], ['alice']]);
    const again = await cluster.join('n2');
    assert.deepEqual(await send(again, ['alice']), [0, [], ['alice']]);
    await again.login('bob');
    assert.deepEqual(await send(one, ['alice', 'bob']), [1, [], ['alice']]);
  });
});

describe('two nodes that are cut from each other', () => {
  test('go on without each other, and know each other’s users again afterwards', async () => {
    const cluster = await createFakeCluster();
    const [one, two, three] = cluster.nodes as [FakeClusterNode, FakeClusterNode, FakeClusterNode];
    await one.login('alice');
    await two.login('bob');
    cluster.hub.cut('n1', 'n2');
    assert.deepEqual(await send(one, ['alice', 'bob']), [1, [], ['bob']]);
    assert.deepEqual(await send(three, ['alice', 'bob']), [2, [], []]);
    await two.login('carol');
    cluster.hub.mend('n1', 'n2');
    await cluster.settled();
    assert.deepEqual(await send(one, ['alice', 'bob', 'carol']), [3, [], []]);
    assert.deepEqual(await send(two, ['alice', 'bob', 'carol']), [3, [], []]);
    const { total } = await two.execute({ type: 'listUsers', query: {} });
    assert.equal(total, 3);
  });
});

describe('a node of a cluster', () => {
  test('sends nothing where it is alone, and its probe stays at home', async () => {
    const alone = await createFakeCluster(['n1']);
    alone.hub.hold();
    const [node] = alone.nodes as [FakeClusterNode];
    await node.login('alice');
    assert.deepEqual(await send(node, ['alice', 'bob']), [1, [], ['bob']]);
    assert.deepEqual(alone.hub.waiting, []);
    const cluster = await createFakeCluster();
    const [one] = cluster.nodes as [FakeClusterNode];
    cluster.hub.hold();
    const target = { to: 'system' } as const;
    const message = { kind: 'push', messageId: 'm', sendUserId: '', code: 0, msg: '', data: 'null' } as const;
    const receipt = await one.execute({ type: 'push', door: 'probe', system: probeSystem, target, message });
    assert.deepEqual([receipt.matched, receipt.missingNodes], [0, []]);
    assert.deepEqual(cluster.hub.waiting, []);
  });

  test('asks all where it does not know yet who gives which cids', async () => {
    const cluster = await createFakeCluster(['n1', 'n2']);
    const [one] = cluster.nodes as [FakeClusterNode];
    const joining = cluster.join('n3');
    cluster.hub.hold('n3', 'n1');
    const three = await joining;
    const there = three.open();
    const message = { kind: 'push', messageId: 'm', sendUserId: '', code: 0, msg: '', data: 'null' } as const;
    for (const ref of [String(there.cid), three.context.registry.clientIdOf(there)]) {
      const target = { to: 'connections', ids: [ref] } as const;
      const pushed = one.execute({ type: 'push', door: 'http', system: 'default', target, message });
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      cluster.hub.step('n3', 'n1', 'answers');
      const { delivered, unknown } = await pushed;
      assert.deepEqual([delivered, unknown], [1, []]);
    }
  });

  test('survives what it does not understand of another, and says so once', async () => {
    const cluster = await createFakeCluster(['n1', 'n2']);
    const [one, two] = cluster.nodes as [FakeClusterNode, FakeClusterNode];
    await two.login('alice');
    const strange = [
      encodeEnvelope({ type: 'note', name: 'of the future', body: { x: 1 } }),
      encodeEnvelope({ type: 'note', name: 'routesTold', body: null }),
      encodeEnvelope({ type: 'note', name: 'part', body: { type: 'fly' } }),
      encodeEnvelope({ type: 'note', name: 'kick', body: [] }),
      encodeEnvelope({ type: 'batch', kind: 'routes', items: [Buffer.of(255, 255)] }),
      encodeEnvelope({ type: 'batch', kind: 'notices', items: [Buffer.of(1, 2, 3)] }),
      encodeEnvelope({ type: 'batch', kind: 'pushes', items: [Buffer.of(7)] }),
      encodeEnvelope({ type: 'batch', kind: 'receipts', items: [] }),
      Buffer.of(9, 9),
      Buffer.alloc(0),
    ];
    for (let n = 0; n < 2; n += 1) {
      for (const bytes of strange) {
        one.peers.tell('n2', bytes);
        const { missing } = await one.peers.ask(['n2'], bytes, { deadlineMs: 60_000 });
        assert.deepEqual(missing, []);
      }
    }
    const { warnings } = two;
    const once = warnings.filter((what) => what !== 'undefined');
    assert.equal(new Set(once).size, once.length);
    assert.ok(once.includes('of the future') && once.includes('routes') && once.includes('version 9, type 9'));
    assert.deepEqual(await send(one, ['alice']), [1, [], []]);
  });
});

function route(uid: string, node: string) {
  return { system: 'default', uid, node };
}
