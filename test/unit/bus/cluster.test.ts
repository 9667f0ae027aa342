import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { YunqueError } from '../../../src/api/errors.ts';
import { Cluster, type ClusterHandlers } from '../../../src/bus/cluster/cluster.ts';
import { MemoryPeerHub, MemoryPeers } from '../../../src/bus/memory-peers.ts';
import { clusterVersion, type Envelope } from '../../../src/wire/cluster/envelope.ts';

interface Member {
  readonly cluster: Cluster;
  readonly peers: MemoryPeers;
  readonly log: string[];
  readonly warnings: unknown[];
}

const text = (envelope: Envelope) => {
  if (envelope.type === 'note') return envelope.name;
  return envelope.type === 'batch' ? `${envelope.kind} ${envelope.items.join(',')}` : envelope.type;
};

async function start(hub: MemoryPeerHub, id: string, handlers: Partial<ClusterHandlers> = {}): Promise<Member> {
  const peers = new MemoryPeers(hub, { id, incarnation: 1 });
  const warnings: unknown[] = [];
  const cluster = new Cluster({ peers, deadlineMs: 60_000, warn: (fields) => warnings.push(fields) });
  const log: string[] = [];
  await cluster.start({
    onJoin: () => {},
    onLeave: () => {},
    onGone: () => {},
    onTell: (_, envelope) => log.push(text(envelope)),
    onAsk: async (_, envelope) => {
      log.push(`${text(envelope)}?`);
      if (envelope.type !== 'batch') return { type: 'done' };
      return { type: 'batch', kind: 'receipts', items: envelope.items.map((item) => Buffer.from(`re ${item}`)) };
    },
    ...handlers,
  });
  return { cluster, peers, log, warnings };
}

const note = (name: string): Envelope => ({ type: 'note', name, body: null });
const settled = async () => {
  for (let n = 0; n < 6; n += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('the cluster', () => {
  test('sends what goes to a node in one turn as one, and gives each item its own answer', async () => {
    const hub = new MemoryPeerHub();
    const [one, other] = [await start(hub, 'a'), await start(hub, 'b')];
    const answers = ['x', 'y', 'z'].map((item) => one.cluster.askInBatch('b', 'pushes', Buffer.from(item)));
    assert.deepEqual((await Promise.all(answers)).map(String), ['re x', 're y', 're z']);
    assert.deepEqual(other.log, ['pushes x,y,z?']);
  });

  test('keeps the order of all that goes to a node, batched or not', async () => {
    const hub = new MemoryPeerHub();
    const [{ cluster }, other] = [await start(hub, 'a'), await start(hub, 'b')];
    void cluster.askInBatch('b', 'pushes', Buffer.from('1'));
    cluster.tellInBatch(['b'], 'notices', Buffer.from('2'));
    cluster.tellInBatch(['b'], 'notices', Buffer.from('3'));
    cluster.tell('b', note('4'));
    void cluster.askInBatch('b', 'routes', Buffer.from('5'));
    const asked = cluster.ask(['b'], note('6'));
    cluster.tellInBatch(['b'], 'notices', Buffer.from('7'));
    cluster.tell('b', note('8'));
    await asked;
    await settled();
    assert.deepEqual(other.log, ['pushes 1?', 'notices 2,3', '4', 'routes 5?', '6?', 'notices 7', '8']);
  });

  test('sends a batch that has grown large before it grows further', async () => {
    const hub = new MemoryPeerHub();
    const [one, other] = [await start(hub, 'a'), await start(hub, 'b')];
    for (let n = 0; n < 5; n += 1) one.cluster.tellInBatch(['b'], 'notices', Buffer.alloc(400_000));
    await settled();
    assert.equal(other.log.length, 3);
  });

  test('answers undefined to each item of a batch that nobody answered', async () => {
    const hub = new MemoryPeerHub();
    const [one] = [await start(hub, 'a'), await start(hub, 'b')];
    hub.hold();
    const answers = ['x', 'y'].map((item) => one.cluster.askInBatch('b', 'pushes', Buffer.from(item)));
    const nowhere = one.cluster.askInBatch('nobody', 'pushes', Buffer.from('x'));
    await settled();
    hub.kill('b');
    assert.deepEqual(await Promise.all([...answers, nowhere]), [undefined, undefined, undefined]);
  });

  test('answers what it does not understand with a failure, passes over what it is told, and says each once', async () => {
    const hub = new MemoryPeerHub();
    const [one, other] = [await start(hub, 'a'), await start(hub, 'b')];
    const newer = Buffer.of(clusterVersion + 1, 5, 0);
    for (let n = 0; n < 3; n += 1) {
      one.peers.tell('b', newer);
      one.peers.tell('b', Buffer.alloc(0));
      const { answers, missing } = await one.peers.ask(['b'], newer, { deadlineMs: 60_000 });
      assert.deepEqual([answers.get('b')?.[1], missing], [7, []]);
    }
    assert.deepEqual(other.log, []);
    assert.deepEqual(
      other.warnings.map((fields) => (fields as { what: string }).what),
      [`version ${clusterVersion + 1}, type 5`, 'unreadable bytes'],
    );
  });

  test('takes an answer it does not understand, and one that failed, for a failure', async () => {
    const hub = new MemoryPeerHub();
    const one = await start(hub, 'a');
    await start(hub, 'b', { onAsk: async () => Promise.reject(new YunqueError('limit_reached')) });
    await start(hub, 'c', { onAsk: async () => Promise.reject(new TypeError('a bug')) });
    const strange = new MemoryPeers(hub, { id: 'd', incarnation: 1 });
    const ignore = () => {};
    await strange.start({
      onTell: ignore,
      onJoin: ignore,
      onLeave: ignore,
      onAsk: async () => Buffer.from([9, 9, 9]),
    });
    const { answers, missing } = await one.cluster.ask(['b', 'c', 'd', 'e'], note('x'));
    const codes = [...answers].map(([node, answer]) => [node, answer.type === 'failure' && answer.error.code]);
    assert.deepEqual(codes.toSorted(), [
      ['b', 'limit_reached'],
      ['c', 'internal'],
      ['d', 'unavailable'],
    ]);
    assert.deepEqual(missing, ['e']);
    assert.equal(await one.cluster.askInBatch('d', 'pushes', Buffer.from('x')), undefined);
  });
});
