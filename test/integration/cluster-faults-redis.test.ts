import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../src/client/client-error.ts';
import type { ClusterProcess } from '../support/cluster-process.ts';
import { readinessOf, startScene } from '../support/cluster-scene.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/services/redis.ts';

const since = (from: number) => Math.round(performance.now() - from);
/** Longer than a lease, so that whoever counted it would be dead. */
const outageMs = 8000;

const troubleOf = async ({ admin, id }: ClusterProcess): Promise<string> => {
  const { health } = await admin.node(id);
  return health.reasons.join('; ');
};

for (const keepData of [true, false]) {
  const how = keepData ? 'with its data' : 'without its data';
  test(`Redis killed under load: all goes on without it, and is restored when it is back ${how}`, async (t) => {
    const redis = await startRedis(t, { persistent: true });
    const scene = await startScene(t, { redis: { port: redis.port }, spare: 1 });
    const { ledger, nodes, cluster } = scene;
    const [first, second] = nodes as [ClusterProcess, ClusterProcess];
    await first.admin.addSystem('keyed');
    const { key } = await second.admin.rotateKey({ owner: 'system', system: 'keyed', role: 'push' });
    await scene.underLoad();

    await redis.stop();
    const goneAt = performance.now();
    await eventually('every node says so, and is ready all the same', async () => {
      const answers = await Promise.all(nodes.map(async (node) => [await readinessOf(node), await troubleOf(node)]));
      return answers.every(([ready, trouble]) => ready === '200 degraded' && /Redis/.test(trouble ?? ''));
    });
    t.diagnostic(`Redis gone: every node says so after ${since(goneAt)} ms`);
    const noticedAt = performance.now();

    await scene.addMember('shop', second, 'yunque', 'newcomer');
    await scene.addMember('default', second, 'json', 'guest');
    await scene.moveTraveller('default', 'web', second);
    for (const { admin, id } of nodes) {
      const users = { to: 'users', uids: ['newcomer', 'json-0', 'nobody'] } as const;
      const receipt = await admin.send({ system: 'shop', target: users, push: { msg: `to newcomers from ${id}` } });
      assert.deepEqual([receipt.delivered, receipt.offline], [1, ['json-0', 'nobody']]);
    }
    await scene.whenCounted();
    for (const { admin } of nodes)
      await assert.rejects(admin.addSystem('too-late'), (error) => isRefusal(error, 'unavailable'));
    await assert.rejects(first.admin.rotateKey({ owner: 'system', system: 'shop', role: 'push' }), (error) =>
      isRefusal(error, 'unavailable'),
    );
    const registered = await second.post('/api/register', { systemId: 'too-late' });
    assert.deepEqual([registered.status, registered.body['code']], [503, -1]);
    for (const { said } of nodes)
      assert.doesNotMatch(said, /"level":50|\\n +at /, 'that Redis is gone is no fault of ours');

    await eventually('it is away for longer than a lease', () => since(goneAt) > outageMs, outageMs * 2);
    for (const node of nodes) assert.equal(await readinessOf(node), '200 degraded');
    await scene.whenCounted();
    const during = ledger.entriesSince(noticedAt);
    assert.deepEqual(
      during.filter(({ receipt, failure }) => failure !== undefined || (receipt?.missingNodes.length ?? 0) > 0),
      [],
    );

    await redis.start({ keepData });
    const backAt = performance.now();
    await eventually(
      'no node has trouble with it',
      async () => {
        const troubles = await Promise.all(nodes.map(troubleOf));
        return troubles.every((trouble) => !/Redis|redis/.test(trouble));
      },
      20_000,
    );
    t.diagnostic(`Redis back ${how}: whole again after ${since(backAt)} ms`);
    await eventually(
      'all are ready without reserve',
      async () => {
        const answers = await Promise.all(nodes.map(readinessOf));
        return answers.every((answer) => answer === '200 ok');
      },
      30_000,
    );

    const spare = cluster.node(nodes.length);
    await spare.start();
    await cluster.whenWhole();
    await scene.whenCounted();
    await scene.moveTraveller('shop', 'web', spare);
    await scene.whenCounted();
    await first.admin.addSystem('in-time');
    for (const node of [...nodes, spare]) {
      const keyless = await node.post('/api/send_to_system', { msg: 'x' }, { SystemId: 'keyed' });
      assert.ok([401, 403].includes(keyless.status), `${node.id} ${keyless.status}`);
      const headers = { SystemId: 'keyed', Authorization: `Bearer ${key}` };
      const sent = await node.post('/api/send_to_system', { code: 1, msg: 'x', data: '' }, headers);
      assert.equal(sent.status, 200, JSON.stringify(sent.body));
      const users = { to: 'users', uids: ['traveller'] } as const;
      assert.equal((await node.admin.send({ target: users, push: { msg: 'found' } })).delivered, 2);
    }
    await scene.endWell();
    t.diagnostic(
      `${ledger.acknowledged} acknowledged, ${ledger.doubtful} naming a node, ${ledger.refused.length} refused`,
    );
    assert.deepEqual(ledger.refused, []);
  });
}
