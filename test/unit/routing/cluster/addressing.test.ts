import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PushMessage } from '../../../../src/api/message.ts';
import type { Target } from '../../../../src/api/target.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterNode } from '../../../support/fake-cluster.ts';
import type { FakeConnection } from '../../../support/fake-connection.ts';
import { jsonOf } from '../../../support/fake-node.ts';

const message = (msg: string): PushMessage => ({
  kind: 'push',
  messageId: '00000000000000ff',
  sendUserId: '',
  code: 0,
  msg,
  data: '{"a": 1.0}',
});

const push = (node: FakeClusterNode, target: Target, msg: string, more = {}) =>
  node.execute({ type: 'push', door: 'http', system: 'default', target, message: message(msg), ...more });

const heard = (connection: FakeConnection) =>
  jsonOf(connection)
    .filter(({ code }) => code === 0)
    .map(({ msg }) => msg);

const nodeAt = (cluster: FakeCluster, at: number): FakeClusterNode => {
  const node = cluster.nodes[at];
  assert.ok(node !== undefined);
  return node;
};

const json = { dialect: 'json' } as const;

/** On each node a user of its own, and `roamer` on all; all in the group `g`. */
async function populate(cluster: FakeCluster) {
  const own: FakeConnection[] = [];
  const roaming: FakeConnection[] = [];
  for (const node of cluster.nodes) {
    own.push(await node.login(`u-${node.id}`, { deviceId: `d-${node.id}` }, json));
    roaming.push(await node.login('roamer', { deviceId: `r-${node.id}` }, json));
  }
  const uids = [...cluster.nodes.map(({ id }) => `u-${id}`), 'roamer'];
  await nodeAt(cluster, 0).execute({ type: 'join', system: 'default', group: 'g', members: { by: 'users', uids } });
  await cluster.settled();
  return { own, roaming, everyone: [...own, ...roaming] };
}

describe('a push from any node', () => {
  test('reaches the connections of every way of addressing on every node, once, and counts them', async () => {
    const cluster = await createFakeCluster();
    const { own, roaming, everyone } = await populate(cluster);
    let sent = 0;
    for (const from of cluster.nodes) {
      for (const [at, to] of cluster.nodes.entries()) {
        const [mine, roamer] = [own[at], roaming[at]];
        assert.ok(mine !== undefined && roamer !== undefined);
        const uid = `u-${to.id}`;
        const clientId = to.context.registry.clientIdOf(mine);
        const cases: [Target, FakeConnection[], object][] = [
          [{ to: 'connections', ids: [String(mine.cid)] }, [mine], { unknown: [] }],
          [{ to: 'connections', ids: [clientId] }, [mine], { unknown: [] }],
          [{ to: 'connections', ids: [clientId.replaceAll('+', '-').replaceAll('/', '_')] }, [mine], { unknown: [] }],
          [{ to: 'connections', ids: ['12345', String(mine.cid), 'nobody'] }, [mine], { unknown: ['12345', 'nobody'] }],
          [{ to: 'users', uids: [uid] }, [mine], { offline: [] }],
          [{ to: 'users', uids: ['roamer', 'ghost', uid] }, [...roaming, mine], { offline: ['ghost'] }],
          [{ to: 'device', uid: 'roamer', deviceId: `r-${to.id}` }, [roamer], { offline: [] }],
          [{ to: 'device', uid: 'roamer', deviceId: 'none' }, [], { offline: ['roamer'] }],
          [
            { to: 'userConnections', uids: [uid], ids: [String(mine.cid), String(roamer.cid)] },
            [mine],
            { unknown: [] },
          ],
          [{ to: 'groups', groups: ['g'] }, everyone, {}],
          [{ to: 'groups', groups: ['g', 'none', 'g'] }, everyone, {}],
          [{ to: 'system' }, everyone, {}],
        ];
        for (const [target, expected, more] of cases) {
          sent += 1;
          const msg = `m${sent}`;
          const { matched, delivered, missingNodes, offline, unknown } = await push(from, target, msg);
          const what = `${JSON.stringify(target)} from ${from.id}`;
          assert.deepEqual(
            { matched, delivered, missingNodes, ...(offline && { offline }), ...(unknown && { unknown }) },
            { matched: expected.length, delivered: expected.length, missingNodes: [], ...more },
            what,
          );
          for (const connection of everyone) {
            const times = heard(connection).filter((text) => text === msg).length;
            assert.equal(times, expected.includes(connection) ? 1 : 0, what);
          }
        }
      }
    }
  });

  test('leaves out whom it excludes, and goes only to the nodes it names', async () => {
    const cluster = await createFakeCluster();
    const { own, everyone } = await populate(cluster);
    const exclude = { uids: ['roamer'], ids: [String(own[1]?.cid)] };
    const some = await push(nodeAt(cluster, 0), { to: 'system' }, 'some', { exclude });
    assert.deepEqual([some.matched, some.delivered], [2, 2]);
    assert.deepEqual(
      everyone.filter((connection) => heard(connection).includes('some')),
      [own[0], own[2]],
    );
    const nodes = ['n2'];
    const target = { to: 'users', uids: ['u-n1', 'u-n2', 'u-n3', 'ghost'] } as const;
    const only = await push(nodeAt(cluster, 0), target, 'only', { nodes });
    assert.deepEqual([only.delivered, only.offline], [1, ['ghost']]);
    assert.deepEqual(
      own.filter((connection) => heard(connection).includes('only')),
      [own[1]],
    );
  });

  test('finds a user on any node as soon as its bind is answered', async () => {
    const cluster = await createFakeCluster();
    for (const node of cluster.nodes) {
      const connection = await node.login(`late-${node.id}`, {}, json);
      const receipts = await Promise.all(
        cluster.nodes.map((from) => push(from, { to: 'users', uids: [`late-${node.id}`] }, from.id)),
      );
      assert.deepEqual(
        receipts.map(({ delivered, offline }) => [delivered, offline]),
        cluster.nodes.map(() => [1, []]),
      );
      assert.deepEqual(heard(connection).toSorted(), ['n1', 'n2', 'n3']);
    }
  });

  test('keeps the order of what one node sends to a user, to a group and to everyone', async () => {
    const cluster = await createFakeCluster();
    const { own } = await populate(cluster);
    const targets: Target[] = [{ to: 'users', uids: ['u-n2'] }, { to: 'groups', groups: ['g'] }, { to: 'system' }];
    const texts = Array.from({ length: 60 }, (_, n) => String(n));
    await Promise.all(texts.map((text, at) => push(nodeAt(cluster, 0), targets[at % 3] ?? { to: 'system' }, text)));
    const got = own[1];
    assert.ok(got !== undefined);
    for (const stream of [0, 1, 2]) {
      const inStream = (text: string) => Number(text) % 3 === stream;
      assert.deepEqual(heard(got).filter(inStream), texts.filter(inStream));
    }
    assert.equal(heard(got).length, texts.length);
  });

  test('carries every kind of message as it was', async () => {
    const cluster = await createFakeCluster();
    const listeners = (['yunque', 'cim', 'json', 'cim-json'] as const).map((dialect) => {
      return [nodeAt(cluster, 0).open({ dialect }), nodeAt(cluster, 1).open({ dialect })] as const;
    });
    const content = new Map([
      ['10', 'ten'],
      ['2', 'two'],
      ['__proto__', '🐦'],
    ]);
    const proto = {
      kind: 'proto',
      messageId: '00000000000000aa',
      id: 2n ** 63n - 1n,
      action: 'a',
      content,
      sender: 's',
      receiver: 'r',
      extra: new Map([['', '']]),
      title: '题',
      sendTime: -(2n ** 63n),
      image: 'i',
    } as const;
    const cim = { ...proto, kind: 'cim', content: 'c', extra: 'e', format: 'f', timestamp: 1n } as const;
    const replaced = { kind: 'replaced', messageId: '00000000000000ab', uid: 'u', deviceName: '云雀' } as const;
    for (const each of [message('x \u0000 \u2028 🐦'), proto, cim, replaced]) {
      const target = { to: 'system' } as const;
      await nodeAt(cluster, 0).execute({ type: 'push', door: 'http', system: 'default', target, message: each });
    }
    for (const [here, there] of listeners) assert.deepEqual(there.received, here.received, here.dialect);
  });

  test('of a list goes to each message’s own target, and the receipt says who was offline everywhere', async () => {
    const cluster = await createFakeCluster();
    const { own, roaming } = await populate(cluster);
    const items = ['u-n1', 'u-n2', 'ghost', 'roamer', 'u-n2', 'u-n3'].map((uid, at) => {
      return { target: { to: 'users', uids: [uid] } as const, message: message(`l${at}`) };
    });
    for (const node of cluster.nodes) {
      const receipt = await node.execute({ type: 'pushList', door: 'http', system: 'default', items });
      const { total, matched, delivered, missingNodes, offline } = receipt;
      assert.deepEqual([total, matched, delivered, missingNodes, offline], [6, 7, 7, [], ['ghost']]);
    }
    const thrice = (...texts: string[]) => [...texts, ...texts, ...texts];
    assert.deepEqual(own.map(heard), [thrice('l0'), thrice('l1', 'l4'), thrice('l5')]);
    assert.deepEqual(roaming.map(heard), [thrice('l3'), thrice('l3'), thrice('l3')]);
  });

  test('refuses an unknown system, and counts a message once in the cluster', async () => {
    const cluster = await createFakeCluster();
    await populate(cluster);
    const unknown = nodeAt(cluster, 0).execute({
      type: 'push',
      door: 'http',
      system: 'nowhere',
      target: { to: 'system' },
      message: message('x'),
    });
    await assert.rejects(unknown, { code: 'unknown_system' });
    await push(nodeAt(cluster, 0), { to: 'system' }, 'x');
    assert.deepEqual(
      cluster.nodes.map(({ context }) => context.counters.messagesIn),
      [{ http: 1 }, {}, {}],
    );
    assert.deepEqual(
      cluster.nodes.map(({ context }) => context.counters.deliveries.json > 0),
      [true, true, true],
    );
  });
});

describe('a node that does not answer', () => {
  test('is named in the receipt, its users are not called offline, and the others get theirs', async () => {
    const cluster = await createFakeCluster(['n1', 'n2', 'n3'], { deadlineMs: 50 });
    const { own } = await populate(cluster);
    cluster.hub.hold('n1', 'n3');
    const uids = ['u-n1', 'u-n2', 'u-n3', 'ghost'];
    const receipt = await push(nodeAt(cluster, 0), { to: 'users', uids }, 'x');
    assert.deepEqual(
      [receipt.matched, receipt.delivered, receipt.missingNodes, receipt.offline],
      [2, 2, ['n3'], ['ghost']],
    );
    const ids = [String(own[2]?.cid), '77'];
    const refs = await push(nodeAt(cluster, 0), { to: 'connections', ids }, 'y');
    assert.deepEqual([refs.missingNodes, refs.unknown], [['n3'], ['77']]);
    const kicked = await nodeAt(cluster, 0).execute({ type: 'kick', system: 'default', target: { to: 'system' } });
    assert.deepEqual(kicked.missingNodes, ['n3']);
    const list = await nodeAt(cluster, 0).execute({ type: 'listUsers', query: {} });
    assert.deepEqual(list.missingNodes, ['n3']);
    const stats = await nodeAt(cluster, 0).execute({ type: 'stats' });
    assert.deepEqual([stats.missingNodes, stats.health.verdict], [['n3'], 'degraded']);
    assert.deepEqual(
      stats.nodes.map(({ node }) => node),
      ['n1', 'n2'],
    );
  });

  test('costs no other its answer when it dies in the middle', async () => {
    const cluster = await createFakeCluster();
    await populate(cluster);
    cluster.hub.hold('n1', 'n3');
    const pushed = push(nodeAt(cluster, 0), { to: 'users', uids: ['u-n2', 'u-n3'] }, 'x');
    const listed = nodeAt(cluster, 0).execute({ type: 'listConnections', query: {} });
    await new Promise((resolve) => setImmediate(resolve));
    cluster.hub.kill('n3');
    const receipt = await pushed;
    assert.deepEqual([receipt.delivered, receipt.missingNodes, receipt.offline], [1, ['n3'], []]);
    assert.deepEqual((await listed).missingNodes, ['n3']);
    cluster.hub.release();
    const after = await push(nodeAt(cluster, 0), { to: 'users', uids: ['u-n2', 'u-n3', 'roamer'] }, 'y');
    assert.deepEqual([after.delivered, after.missingNodes, after.offline], [3, [], ['u-n3']]);
    const list = await nodeAt(cluster, 0).execute({ type: 'listConnections', query: {} });
    assert.deepEqual([list.total, list.missingNodes], [4, undefined]);
  });
});
