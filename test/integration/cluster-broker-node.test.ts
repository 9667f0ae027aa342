import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type BrokerName, isWell, since, whenBus, whenBusIsUsed, whenPublishedWhole } from '../support/broker-scene.ts';
import { serversFor } from '../support/cluster-process.ts';
import { type Scene, startScene } from '../support/cluster-scene.ts';
import { eventually } from '../support/eventually.ts';

/** What the last node publishes on at the same time, so that it dies in the middle of some. */
const bursts = 12;

async function dieAndReturn(t: TestContext, scene: Scene, { atOnce }: { readonly atOnce: boolean }): Promise<void> {
  const { cluster, ledger, last: victim, nodes } = scene;
  const others = nodes.filter((node) => node !== victim);
  const sure = ledger.entries.length;
  await eventually('it is under load', () => ledger.entries.length > sure + 50);
  const underWay = () => ledger.entries.filter(({ answeredAt }) => answeredAt === undefined);
  await eventually('it publishes', () => underWay().some(({ stream }) => stream.startsWith('burst')));
  const cutShort = underWay();
  await victim.kill();
  const killedAt = performance.now();
  ledger.hasDied(victim);
  if (!atOnce) {
    await eventually('no node names it any more', async () => {
      const stats = await Promise.all(others.map(({ admin }) => admin.stats()));
      return stats.every((one) => one.nodes.length === others.length && one.missingNodes.length === 0);
    });
  }
  await victim.start();
  await cluster.whenWhole();
  await whenBus('all hear the bus', nodes, isWell);
  await scene.populateNode(victim, nodes.indexOf(victim));
  await scene.addTraveller('default', victim, 'cim', 'android');
  await scene.addTraveller('shop', victim, 'yunque', 'web');
  await scene.whenCounted();
  const lost = cutShort.filter(({ receipt }) => receipt === undefined).length;
  t.diagnostic(`killed with ${cutShort.length} under way, ${lost} never answered; back after ${since(killedAt)} ms`);
  await whenBusIsUsed(nodes);
  await whenPublishedWhole(scene, 5);
}

for (const bus of ['rabbitmq', 'kafka'] satisfies BrokerName[]) {
  test(`over ${bus}: a node killed while it publishes and consumes: nothing acknowledged is lost, nothing comes twice, nobody gets what was before them`, async (t) => {
    const scene = await startScene(t, { ...(await serversFor(t, bus)), bus, bursts });
    await scene.underLoad();
    await dieAndReturn(t, scene, { atOnce: false });
    await dieAndReturn(t, scene, { atOnce: true });
    await scene.endWell();
    const { acknowledged, doubtful, refused } = scene.ledger;
    t.diagnostic(`${acknowledged} acknowledged, ${doubtful} of them naming a node, ${refused.length} refused`);
    assert.ok(refused.length > 0, 'what the dead node was to publish');
  });
}
