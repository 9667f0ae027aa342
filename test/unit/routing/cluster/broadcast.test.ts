import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Receipt } from '../../../../src/api/receipt.ts';
import { codecs } from '../../../../src/wire/codecs/index.ts';
import type { Codecs } from '../../../../src/wire/prepared-message.ts';
import { eventually } from '../../../support/eventually.ts';
import {
  createFakeCluster,
  type FakeCluster,
  type FakeClusterNode,
  type FakeClusterOptions,
} from '../../../support/fake-cluster.ts';
import type { FakeConnection } from '../../../support/fake-connection.ts';
import { FakeMembership } from '../../../support/fake-membership.ts';
import { jsonOf } from '../../../support/fake-node.ts';
import { FaultyBus, FaultyBusHub } from '../../../support/faulty-bus.ts';
import { samplePush } from '../../../support/messages.ts';
import { createRandom, pick } from '../../../support/random.ts';

const quick = { confirmMs: 60, askAfterMs: 5, giveUpAfterMs: 2000, tickMs: 5 };

interface Place {
  readonly cluster: FakeCluster;
  readonly bus: FaultyBusHub;
  readonly buses: Map<string, FaultyBus>;
  readonly membership: FakeMembership;
  /** One member of the group `g` on each node. */
  readonly members: readonly FakeConnection[];
}

async function create(ids = ['n1', 'n2', 'n3'], options: FakeClusterOptions = {}): Promise<Place> {
  const bus = new FaultyBusHub();
  const buses = new Map<string, FaultyBus>();
  const membership = new FakeMembership();
  const createBus = (id: string) => {
    const made = new FaultyBus(bus, id);
    buses.set(id, made);
    return made;
  };
  const cluster = await createFakeCluster(ids, {
    ...{ createBus, membership, broadcastTimes: quick, overrides: { notices: false } },
    ...options,
  });
  const members = cluster.nodes.map((node) => node.open());
  const byIds = { by: 'connections', ids: members.map(({ cid }) => String(cid)) } as const;
  await nodeAt(cluster, 0).execute({ type: 'join', system: 'default', group: 'g', members: byIds });
  await cluster.settled();
  return { cluster, bus, buses, membership, members };
}

function nodeAt(cluster: FakeCluster, at: number): FakeClusterNode {
  const node = cluster.nodes[at];
  assert.ok(node !== undefined);
  return node;
}

const toGroup = { to: 'groups', groups: ['g'] } as const;
const push = (node: FakeClusterNode, msg: string, more: object = {}): Promise<Receipt> =>
  node.execute({
    ...{ type: 'push', door: 'admin', system: 'default', target: toGroup },
    ...{ message: { ...samplePush, msg }, ...more },
  } as never);
const texts = (connection: FakeConnection | undefined) => jsonOf(connection as FakeConnection).map(({ msg }) => msg);
const figuresOf = (node: FakeClusterNode) => {
  assert.ok(node.broadcastFigures !== undefined);
  return node.broadcastFigures;
};

describe('what is for groups and systems, over a bus', () => {
  for (const nodes of [2, 3, 4]) {
    test(`reaches everybody on ${nodes} nodes once, and the receipt counts over all of them`, async () => {
      const { cluster, bus, members } = await create(['n1', 'n2', 'n3', 'n4'].slice(0, nodes));
      for (const [at, node] of cluster.nodes.entries()) {
        const receipt = await push(node, `group ${at}`);
        assert.deepEqual([receipt.matched, receipt.delivered, receipt.missingNodes], [nodes, nodes, []]);
        const all = await push(node, `system ${at}`, { target: { to: 'system' } });
        assert.deepEqual([all.matched, all.delivered, all.missingNodes], [nodes, nodes, []]);
      }
      const expected = cluster.nodes.flatMap((_, at) => [`group ${at}`, `system ${at}`]);
      for (const member of members) assert.deepEqual(texts(member), expected);
      assert.equal(bus.tried, 2 * nodes, 'one broadcast each');
    });
  }

  test('adds up what was queued and dropped, and leaves out whom it is to leave out', async () => {
    const { cluster, members } = await create();
    const [, second, third] = members as [FakeConnection, FakeConnection, FakeConnection];
    const binary = nodeAt(cluster, 1).open({ dialect: 'yunque' });
    const exclude = { ids: [String(second.cid)] };
    const { matched, delivered } = await push(nodeAt(cluster, 0), 'x', { exclude, target: { to: 'system' } });
    assert.deepEqual([matched, delivered, binary.received.length], [3, 3, 1]);
    const only = await push(nodeAt(cluster, 0), 'y', { nodes: ['n3'] });
    assert.deepEqual([only.matched, only.missingNodes], [1, []]);
    assert.deepEqual(members.map(texts), [['x'], [], ['x', 'y']]);
    third.close('kicked');
    await cluster.settled();
    assert.equal((await push(nodeAt(cluster, 0), 'z')).matched, 2);
  });

  test('in a list keeps its place among what is for the same group', async () => {
    const { cluster, members } = await create();
    const node = nodeAt(cluster, 1);
    const first = push(node, '1');
    const items = ['2', '3'].map((msg) => ({ target: toGroup, message: { ...samplePush, msg } }));
    const list = node.execute({ type: 'pushList', door: 'admin', system: 'default', items });
    const last = push(node, '4');
    await Promise.all([first, last]);
    assert.deepEqual([(await list).matched, (await list).delivered, (await list).missingNodes], [6, 6, []]);
    for (const member of members) assert.deepEqual(texts(member), ['1', '2', '3', '4']);
  });

  test('leaves in one broadcast for each turn of the loop', async () => {
    const { cluster, bus, members } = await create();
    await Promise.all(Array.from({ length: 50 }, (_, n) => push(nodeAt(cluster, 0), String(n))));
    assert.equal(bus.tried, 1);
    assert.deepEqual(
      texts(members[2]),
      Array.from({ length: 50 }, (_, n) => String(n)),
    );
  });

  test('is encoded by the node it came in on, and only framed by the others', async () => {
    const asked: string[] = [];
    const counting = Object.fromEntries(
      Object.entries(codecs).map(([dialect, codec]) => {
        const encode: typeof codec.encode = (message) => {
          asked.push(dialect);
          return codec.encode(message);
        };
        return [dialect, { ...codec, encode }];
      }),
    ) as unknown as Codecs;
    const { cluster, members } = await create(undefined, { overrides: { codecs: counting, notices: false } });
    await push(nodeAt(cluster, 0), 'x');
    assert.deepEqual(asked, ['json'], 'once over all nodes');
    const [frame] = (members[0] as FakeConnection).received;
    for (const { received } of members) assert.deepEqual(received, [frame]);
  });
});

describe('a bus that fails', () => {
  test('by losing a message costs nobody anything: the number is missed, and comes over the peers', async () => {
    const { cluster, bus, members } = await create();
    let heard = 0;
    bus.fate = (to) => {
      if (to === 'n2') heard += 1;
      return to === 'n2' && heard === 2 ? [] : [0];
    };
    const receipts = [];
    for (const msg of ['1', '2', '3']) {
      receipts.push(push(nodeAt(cluster, 0), msg));
      await cluster.settled();
    }
    for (const { delivered, missingNodes } of await Promise.all(receipts)) {
      assert.deepEqual([delivered, missingNodes], [3, []]);
    }
    for (const member of members) assert.deepEqual(texts(member), ['1', '2', '3']);
    assert.equal(figuresOf(nodeAt(cluster, 0)).repeated, 1);
    assert.equal(figuresOf(nodeAt(cluster, 1)).gaps, 0);
  });

  test('by losing the last message costs nobody anything either: the origin says how far it is', async () => {
    const { cluster, bus, members } = await create();
    bus.fate = (to) => (to === 'n3' ? [] : [0]);
    assert.deepEqual((await push(nodeAt(cluster, 0), 'x')).missingNodes, []);
    assert.deepEqual(members.map(texts), [['x'], ['x'], ['x']]);
  });

  test('by refusing is passed round at once', async () => {
    const { cluster, bus, members } = await create();
    bus.answer = 'refused';
    const receipt = await push(nodeAt(cluster, 0), 'x');
    assert.deepEqual([receipt.delivered, receipt.missingNodes], [3, []]);
    assert.deepEqual(members.map(texts), [['x'], ['x'], ['x']]);
    assert.equal(figuresOf(nodeAt(cluster, 0)).fallbacks, 1);
  });

  test('that one node does not hear costs it no time once it has said so', async () => {
    const { cluster, bus, members } = await create();
    bus.fate = (to) => (to === 'n3' ? [] : [0]);
    const [first, second, third] = [0, 1, 2].map((at) => nodeAt(cluster, at)) as [
      FakeClusterNode,
      FakeClusterNode,
      FakeClusterNode,
    ];
    third.tellStanding({ redis: true, bus: false, links: 2 });
    await cluster.settled();
    const receipts = await Promise.all([push(first, '1'), push(first, '2')]);
    assert.deepEqual(
      receipts.map(({ delivered, missingNodes }) => [delivered, missingNodes]),
      [
        [3, []],
        [3, []],
      ],
    );
    for (const member of members) assert.deepEqual(texts(member), ['1', '2']);
    assert.deepEqual([figuresOf(first).direct, figuresOf(first).repeated], [1, 0]);
    third.tellStanding({ redis: true, bus: true, links: 2 });
    await cluster.settled();
    bus.fate = () => [0];
    await push(second, '3');
    assert.equal(figuresOf(second).direct, 0);
  });

  test('and says so is not tried until it works again', async () => {
    const { cluster, bus, buses, members } = await create();
    const node = nodeAt(cluster, 0);
    buses.get('n1')?.status.set('no connection');
    await push(node, '1');
    assert.deepEqual([bus.tried, node.busFailure], [0, 'no connection']);
    buses.get('n1')?.status.set(undefined);
    await push(node, '2');
    assert.deepEqual([bus.tried, node.busFailure], [1, undefined]);
    for (const member of members) assert.deepEqual(texts(member), ['1', '2']);
  });

  test('by confirming nothing is passed round after a while, then at once, until it confirms again; late copies are recognised', async () => {
    const { cluster, bus, members } = await create();
    const node = nodeAt(cluster, 0);
    bus.answer = 'nothing';
    const [first, second] = [push(node, '1'), push(node, '2')];
    await cluster.settled();
    assert.deepEqual(texts(members[1]), []);
    await Promise.all([first, second]);
    assert.deepEqual([bus.tried, node.busFailure], [1, 'broadcasts are not confirmed in time']);
    assert.equal((await push(node, '3')).delivered, 3);
    assert.equal(bus.tried, 1, 'not asked while it owes an answer');
    bus.answer = 'taken';
    for (const answer of bus.unanswered.splice(0)) answer();
    await cluster.settled();
    assert.equal(node.busFailure, undefined);
    await push(node, '4');
    assert.equal(bus.tried, 2);
    for (const member of members) assert.deepEqual(texts(member), ['1', '2', '3', '4']);
    assert.ok(figuresOf(nodeAt(cluster, 1)).duplicates >= 1);
    assert.equal(figuresOf(nodeAt(cluster, 1)).gaps, 0);
  });

  test('in every way at once loses nothing, repeats nothing and keeps the order of each node, in 20 courses of chance', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = createRandom(seed);
      const { cluster, bus, members } = await create();
      bus.fate = () => {
        const kind = pick(random, 10);
        if (kind === 0) return [];
        if (kind === 1) return [0, pick(random, 10)];
        return kind < 5 ? [pick(random, 12)] : [0];
      };
      const receipts: Promise<Receipt>[] = [];
      for (let n = 0; n < 30; n += 1) {
        bus.answer = pick(random, 5) === 0 ? 'refused' : 'taken';
        for (const [at, node] of cluster.nodes.entries()) receipts.push(push(node, `${at}:${n}`));
        if (pick(random, 2) === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      for (const receipt of await Promise.all(receipts)) {
        assert.deepEqual([receipt.delivered, receipt.missingNodes], [3, []], `seed ${seed}`);
      }
      for (const member of members) {
        const heard = texts(member);
        for (const at of [0, 1, 2]) {
          const own = heard.filter((msg) => msg.startsWith(`${at}:`));
          assert.deepEqual(
            own,
            Array.from({ length: 30 }, (_, n) => `${at}:${n}`),
            `seed ${seed}`,
          );
        }
      }
    }
  });
});

describe('a node that does not answer', () => {
  test('by the deadline is named, and the others are counted', async () => {
    const { cluster } = await create(undefined, { deadlineMs: 100 });
    cluster.hub.hold('n2', 'n1');
    const receipt = await push(nodeAt(cluster, 0), 'x');
    assert.deepEqual([receipt.matched, receipt.missingNodes], [2, ['n2']]);
    cluster.hub.release();
  });

  test('because it is cut off is named at once, gets what goes over the bus all the same, and is no gap when it is back', async () => {
    const { cluster, members } = await create();
    cluster.hub.cut('n1', 'n2');
    await cluster.settled();
    const receipt = await push(nodeAt(cluster, 0), '1');
    assert.deepEqual([receipt.matched, receipt.missingNodes], [2, ['n2']]);
    cluster.hub.mend('n1', 'n2');
    await cluster.settled();
    assert.deepEqual((await push(nodeAt(cluster, 0), '2')).missingNodes, []);
    assert.deepEqual(texts(members[1]), ['1', '2']);
    assert.equal(figuresOf(nodeAt(cluster, 1)).gaps, 0);
  });

  test('because it goes is not waited for, and not named any more when its lease has ended', async () => {
    const { cluster, membership } = await create();
    cluster.hub.hold('n2', 'n1');
    const receipt = push(nodeAt(cluster, 0), 'x');
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    membership.expire('n2');
    cluster.hub.kill('n2');
    assert.deepEqual((await receipt).missingNodes, ['n2']);
    assert.deepEqual((await push(nodeAt(cluster, 0), 'y')).missingNodes, []);
  });

  test('because it is new hears what comes from then on, and misses nothing before it', async () => {
    const { cluster } = await create();
    for (let n = 0; n < 5; n += 1) await push(nodeAt(cluster, 0), String(n));
    const late = await cluster.join('n4');
    const there = late.open();
    await cluster.settled();
    const receipt = await push(nodeAt(cluster, 0), 'x', { target: { to: 'system' } });
    assert.deepEqual([receipt.matched, receipt.missingNodes], [4, []]);
    assert.deepEqual(texts(there), ['x']);
    assert.equal(figuresOf(late).gaps, 0);
  });

  test('because it was started again numbers from the beginning, and is heard', async () => {
    const { cluster, members, membership } = await create();
    for (let n = 0; n < 5; n += 1) await push(nodeAt(cluster, 1), String(n));
    cluster.hub.kill('n2');
    membership.expire('n2');
    const again = await cluster.join('n2');
    await cluster.settled();
    assert.equal((await push(again, 'x')).delivered, 2);
    assert.deepEqual(texts(members[0]).at(-1), 'x');
    await eventually('nothing is waited for', () => figuresOf(nodeAt(cluster, 0)).gaps === 0);
  });
});
