import assert from 'node:assert/strict';
import { test } from 'node:test';
import { membersOfLeases } from '../../src/app/cluster/lease-members.ts';
import type { PeerHandlers } from '../../src/bus/peers.ts';
import { RpcPeers } from '../../src/bus/rpc/peers.ts';
import { RedisLeases } from '../../src/directory/redis/leases.ts';
import { decodeEnvelope } from '../../src/wire/cluster/envelope.ts';
import { type ClusterProcess, serversFor, startCluster, testSecrets } from '../support/cluster-process.ts';
import { clusterVectors } from '../support/cluster-vectors.ts';
import { eventually } from '../support/eventually.ts';
import { infoOf, scratchDirectory } from '../support/leases.ts';
import { connectRedis } from '../support/redis-client.ts';

const patient = { deadlineMs: 10_000 };

/** Field 1000 of whatever protobuf: a text. */
const further = Buffer.from([0xc2, 0x3e, 3, 0x6e, 0x65, 0x77]);

/** A batch of version 2 with one push in it, each with a field that nobody knows. */
function pushOfTomorrow(): Buffer {
  const bytes = clusterVectors(2).find(({ name }) => name === 'ask-push-to-system')?.lines[0] ?? Buffer.alloc(0);
  const envelope = decodeEnvelope(bytes);
  assert.ok(envelope.type === 'batch' && envelope.items[0] !== undefined);
  const item = Buffer.concat([envelope.items[0], further]);
  const length = Buffer.of((item.length & 0x7f) | 0x80, item.length >> 7);
  return Buffer.concat([Buffer.of(2, 1, 0x0a), length, item, further]);
}

const infoOfTomorrow = { ...infoOf(1666, { version: '9.0.0' }), somethingNew: [1, { two: 3 }] };

const note = (name: string, body: unknown) => {
  return Buffer.concat([Buffer.of(2, 5), Buffer.from(JSON.stringify([name, body]))]);
};

const complaintsOf = ({ said }: ClusterProcess) =>
  said
    .split('\n')
    .filter((line) => line.includes('not understood here'))
    .map((line) => (JSON.parse(line) as { readonly what: string }).what);

test('a node that speaks 2 and 3 is linked at 2; what only it knows is said once, answered with a failure, and the rest goes on', async (t) => {
  const { redis } = await serversFor(t, 'rpc');
  const cluster = await startCluster(t, { redis, bus: 'rpc', nodes: 2 });
  const node = cluster.node(0);
  const reader = await node.join('json');

  const dataDirectory = await scratchDirectory(t);
  const leases = new RedisLeases({
    ...{ client: connectRedis(t, redis.port), cluster: cluster.name, nodeId: 'tomorrow', dataDirectory },
    terms: [
      { key: 'crypto.key', value: testSecrets.YUNQUE_CRYPTO_KEY, secret: true },
      { key: 'something.new', value: 'agreed on' },
    ],
  });
  const { incarnation, cidLease } = await leases.claim();
  t.after(() => leases.release());
  const peers = new RpcPeers({
    ...{ self: { id: 'tomorrow', incarnation }, secret: Buffer.from(testSecrets.YUNQUE_CLUSTER_SECRET) },
    ...{ host: '127.0.0.1', port: 0, versions: { lowest: 2, highest: 3 } },
    members: membersOfLeases(leases, () => infoOfTomorrow),
  });
  t.after(() => peers.close());
  const handlers: PeerHandlers = {
    onJoin: ({ id }) => {
      peers.tell(id, note('hello', { lease: cidLease, clientAddress: '127.0.0.1:9', more: true }));
      peers.tell(id, note('standing', { redis: true, bus: true, links: 2, more: 1 }));
      peers.tell(id, note('routesTold', { clock: 0 }));
    },
    onLeave: () => {},
    onTell: () => {},
    // Whatever it is asked: in words that nobody knows.
    onAsk: async () => Buffer.of(2, 201, 1),
  };
  await peers.listen();
  await peers.start(handlers);
  await eventually('it is linked with both', () => peers.nodes.length === 2);
  assert.deepEqual(
    peers.nodes.map(({ version }) => version),
    [2, 2],
  );

  const unknown = [
    ['version 3, type 1', Buffer.of(3, 1, 0x0a, 0)],
    ['version 2, type 200', Buffer.of(2, 200, 1, 2)],
    ['a-note-of-tomorrow', note('a-note-of-tomorrow', { newer: true })],
  ] as const;
  for (let round = 0; round < 3; round += 1) {
    for (const [what, bytes] of unknown) {
      peers.tell(node.id, bytes);
      const { answers, missing } = await peers.ask([node.id], bytes, patient);
      const answer = decodeEnvelope(answers.get(node.id) ?? Buffer.alloc(0));
      assert.ok(answer.type === 'failure' && answer.error.code === 'unavailable', what);
      assert.deepEqual(missing, []);
    }
    const { answers } = await peers.ask([node.id], pushOfTomorrow(), patient);
    assert.equal(decodeEnvelope(answers.get(node.id) ?? Buffer.alloc(0)).type, 'batch');
  }
  await eventually('the pushes arrived', () => reader.messages.length === 3);
  const things: string[] = unknown.map(([what]) => what);
  await eventually('each thing was said', () => complaintsOf(node).length >= things.length);
  assert.deepEqual(complaintsOf(node), things);

  // The others deliver what is theirs, and say who did not answer.
  const receipt = await node.admin.send({ target: { to: 'system' }, push: { msg: 'today' } });
  assert.deepEqual([receipt.matched, receipt.delivered, receipt.missingNodes], [1, 1, ['tomorrow']]);
  await reader.message(({ msg }) => msg === 'today');
  const { missingNodes } = await node.admin.stats();
  assert.deepEqual(missingNodes, ['tomorrow']);
  assert.deepEqual((await node.admin.stats()).missingNodes, ['tomorrow']);
  things.push('version 2, type 201');
  await eventually('it said so, too', () => complaintsOf(node).length >= things.length);
  assert.deepEqual([complaintsOf(node), peers.nodes.length], [things, 2]);
});

test('where a newer yunque keeps the leases with another schema, nodes do not start (78), and those that run go on and say so', async (t) => {
  const { redis } = await serversFor(t, 'rpc');
  const cluster = await startCluster(t, { redis, bus: 'rpc', nodes: 3, start: false });
  const [node, other, late] = cluster.nodes;
  assert.ok(node && other && late);
  await Promise.all([node.start(), other.start()]);
  await cluster.whenWhole();
  const reader = await other.join('json');
  const meta = `${cluster.name}:{nodes}:meta`;
  const client = connectRedis(t, redis.port);
  await client.hset(meta, { schema: '2' });
  late.launch();
  assert.equal(await late.ended(), 78);
  assert.match(late.said, /with schema 2, and this yunque knows 1/);
  assert.match(late.said, /start the version that the other nodes have/);
  await eventually(
    'it says so',
    async () => {
      const { health } = await node.admin.stats();
      return health.verdict === 'degraded' && health.reasons.some((reason) => reason.includes('with schema 2'));
    },
    10_000,
  );
  const receipt = await node.admin.send({ target: { to: 'system' }, push: { msg: 'still' } });
  assert.deepEqual([receipt.delivered, receipt.missingNodes], [1, []]);
  await client.hset(meta, { schema: '1' });
  await eventually('all is well', async () => (await node.admin.stats()).health.verdict === 'ok', 10_000);
  assert.equal(reader.ended, undefined);
});
