import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TailCopy, TailItem } from '../../../../src/api/tail.ts';
import type { Target } from '../../../../src/api/target.ts';
import { eventually } from '../../../support/eventually.ts';
import { createFakeCluster, type FakeClusterNode } from '../../../support/fake-cluster.ts';

function send(node: FakeClusterNode, msg: string, target: Target, system = 'default') {
  const message = {
    kind: 'push',
    messageId: msg.padStart(16, '0'),
    sendUserId: '',
    code: 0,
    msg,
    data: 'null',
  } as const;
  return node.execute({ type: 'push', door: 'http', system, target, message });
}

const toAll = { to: 'system' } as const;

/** What came to a reader, as `message@node`. */
const places = (items: readonly TailItem[]) =>
  items
    .filter((item): item is TailCopy => item.type === 'copy')
    .map(({ node, kind, body }) => `${kind === 'push' ? (JSON.parse(body) as { msg: string }).msg : kind}@${node}`);

async function createScene() {
  const cluster = await createFakeCluster(['n1', 'n2']);
  const [n1, n2] = cluster.nodes;
  assert.ok(n1 !== undefined && n2 !== undefined);
  await cluster.systems.add('shop', 1);
  const items: TailItem[] = [];
  /** Also waits for what must not come. */
  const came = async (expected: readonly string[]) => {
    await cluster.settled();
    await send(n1, 'last', toAll, 'shop');
    await eventually(`${expected.join()} came`, () => places(items).length >= expected.length);
    await cluster.settled();
    assert.deepEqual(places(items).sort(), [...expected].sort());
  };
  return { cluster, n1, n2, items, came, onItem: (item: TailItem) => void items.push(item) };
}

describe('TailNews', () => {
  test('copies each push once, from the node it came in at, with the receipt of all', async () => {
    const { cluster, n1, n2, items, came, onItem } = await createScene();
    n1.open();
    n2.open();
    const close = n1.tail({ system: 'default' }, onItem);
    await cluster.settled();
    await send(n1, 'here', toAll);
    await send(n2, 'there', toAll);
    await came(['here@n1', 'there@n2']);
    assert.ok(items.every((item) => item.type === 'copy' && item.matched === 2 && item.delivered === 2));
    close();
    await cluster.settled();
    assert.deepEqual([n1.context.taps.isOpen, n2.context.taps.isOpen], [false, false]);
  });

  test('copies what a connection of another node gets by its group, and a user of two nodes once', async () => {
    const { cluster, n1, n2, came, onItem } = await createScene();
    const away = await n2.login('alice');
    await n1.login('alice');
    const members = { by: 'connections', ids: [String(away.cid)] } as const;
    await n1.execute({ type: 'join', system: 'default', group: 'room', members });
    const close = n1.tail({ system: 'default', client: String(away.cid) }, onItem);
    await cluster.settled();
    await send(n1, 'room', { to: 'groups', groups: ['room'] });
    await send(n1, 'other', { to: 'groups', groups: ['other'] });
    await came(['room@n2']);
    close();
    n1.tail({ system: 'default', uid: 'alice' }, onItem);
    await cluster.settled();
    await send(n2, 'both', { to: 'users', uids: ['alice'] });
    await send(n1, 'nobody', { to: 'users', uids: ['bob'] });
    // Behind what n2 has to copy of it.
    await send(n1, 'there', { to: 'connections', ids: [String(away.cid)] });
    await came(['room@n2', 'both@n1', 'there@n2']);
  });

  test('tells a node that joins of the taps that stand, and forgets those of one that leaves', async () => {
    const { cluster, n1, came, onItem } = await createScene();
    n1.tail({ system: 'default' }, onItem);
    const n3 = await cluster.join('n3');
    await cluster.settled();
    await send(n3, 'new', toAll);
    await came(['new@n3']);
    cluster.hub.cut('n1', 'n3');
    await cluster.settled();
    assert.equal(n3.context.taps.isOpen, false);
  });

  test('a sample is of the same messages on every node', async () => {
    const { cluster, n1, n2, items, onItem } = await createScene();
    for (const node of [n1, n2]) await node.login('alice');
    const theirs: TailItem[] = [];
    n1.tail({ system: 'default', sample: 0.5 }, onItem);
    n1.tail({ system: 'default', sample: 0.5, uid: 'alice' }, (item) => void theirs.push(item));
    await cluster.settled();
    for (let n = 0; n < 40; n += 1) await send(n % 2 === 0 ? n1 : n2, `m${n}`, toAll);
    const ids = (from: readonly TailItem[]) =>
      from.flatMap((item) => (item.type === 'copy' ? [item.messageId] : [])).sort();
    await eventually('all copies are there', () => items.length > 5 && items.length === theirs.length);
    assert.deepEqual(ids(items), ids(theirs));
    assert.ok(items.length < 40);
  });
});
