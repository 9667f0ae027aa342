import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClusterProcess, serversFor } from '../support/cluster-process.ts';
import { noticesTo, readinessOf, startScene } from '../support/cluster-scene.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';

const since = (from: number) => Math.round(performance.now() - from);
/** From the cut: until balancers must have been told. */
const toldWithinMs = 10_000;
/** Longer than a lease: while its lease has ended, its clients are still its clients. */
const cutMs = 9000;

for (const fault of ['cut', 'blackholed'] as const) {
  test(`the wire of one node to Redis is ${fault}: that node alone is not ready, its clients are reached, and it recovers`, async (t) => {
    const { redis } = await serversFor(t, 'redis');
    const proxy = await startFaultProxy(t, redis);
    const behind = [`redis.host=${proxy.host}`, `redis.port=${proxy.port}`];
    const scene = await startScene(t, { redis, setOf: (index) => (index === 1 ? behind : []) });
    const { cluster, ledger, nodes } = scene;
    const [first, alone, third] = nodes as [ClusterProcess, ClusterProcess, ClusterProcess];
    await scene.underLoad();

    if (fault === 'cut') await proxy.refuse();
    else proxy.blackhole();
    const cutAt = performance.now();
    await eventually('that node is not ready', async () => (await readinessOf(alone)).startsWith('503'), 20_000);
    const toldMs = since(cutAt);
    t.diagnostic(`the wire is ${fault}: /readyz of that node is 503 after ${toldMs} ms`);
    assert.ok(toldMs < toldWithinMs, `${toldMs} ms`);
    const { health } = await alone.admin.node(alone.id);
    assert.equal(health.verdict, 'critical');
    assert.match(health.reasons.join(), /Redis/);
    await eventually(
      'it was cut for longer than a lease',
      async () => {
        for (const node of [first, third]) assert.match(await readinessOf(node), /^200/);
        return since(cutAt) > cutMs;
      },
      2 * cutMs,
    );
    await scene.moveTraveller('default', 'web', alone);
    const outageAt = performance.now();
    await eventually('it goes on', () => ledger.entriesSince(outageAt).length > 100);

    for (const { stream, receipt, failure } of ledger.entriesSince(outageAt)) {
      assert.deepEqual(receipt?.missingNodes, [], `${stream}: ${failure}`);
    }
    for (const device of ledger.devices) assert.deepEqual(noticesTo(device, 1002), [], device.name);

    await proxy.pass();
    const healedAt = performance.now();
    await eventually('it is ready', async () => (await readinessOf(alone)).startsWith('200'), 20_000);
    await cluster.whenWhole();
    t.diagnostic(`healed: ready and whole after ${since(healedAt)} ms`);
    await scene.whenCounted();
    await scene.endWell();
    for (const device of ledger.devices)
      assert.deepEqual(noticesTo(device, 1002), [], `${device.name}, when it entered again`);
    t.diagnostic(
      `${ledger.acknowledged} acknowledged, ${ledger.doubtful} naming a node, ${ledger.refused.length} refused`,
    );
  });
}
