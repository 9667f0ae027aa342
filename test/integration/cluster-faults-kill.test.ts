import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Redis } from 'ioredis';
import { leaseKeys } from '../../src/directory/redis/leases-script.ts';
import { redisKeys } from '../../src/util/redis-keys.ts';
import { type ClusterProcess, serversFor } from '../support/cluster-process.ts';
import { noticesTo, type Scene, startScene } from '../support/cluster-scene.ts';
import { eventually } from '../support/eventually.ts';
import type { Device } from '../support/ledger.ts';
import { connectRedis } from '../support/redis-client.ts';

/** From a kill: until the others must not count with the node any more, and until every list and count must be right. */
const noticedWithinMs = 7000;
const rightWithinMs = 8000;
const hourMs = 3_600_000;

const since = (from: number) => Math.round(performance.now() - from);

/** What survivors have to hear, and heard, of the clients of a node that dies now. */
function watchGoodbyes({ ledger }: Scene, victim: ClusterProcess) {
  const dying = new Set(ledger.devicesOf(victim));
  const watched = ledger.devices
    .filter((device) => !dying.has(device) && device.streams.some((name) => name.startsWith('group-')))
    .map((device) => ({
      device,
      before: noticesTo(device, 1002).length,
      // As the group knows them.
      should: [...dying]
        .filter(({ streams }) => streams[0] === device.streams[0])
        .map(({ name }) => name.replace(/^.*\//, ''))
        .sort(),
    }));
  const heardBy = ({ device, before }: { device: Device; before: number }) => noticesTo(device, 1002).slice(before);
  return {
    heardAll: () =>
      eventually('all heard who went', () => watched.every((who) => heardBy(who).length >= who.should.length)),
    judge() {
      for (const who of watched) assert.deepEqual(heardBy(who).toSorted(), who.should, who.device.name);
    },
  };
}

async function incarnationOf(asked: ClusterProcess | undefined, id: string): Promise<number> {
  return (await asked?.admin.stats())?.nodes.find(({ node }) => node === id)?.cluster?.incarnation ?? 0;
}

async function clientsComeBack(scene: Scene, node: ClusterProcess): Promise<void> {
  await scene.populateNode(node, scene.cluster.nodes.indexOf(node));
  await scene.addTraveller('default', node, 'cim', 'android');
  await scene.addTraveller('shop', node, 'yunque', 'web');
  await scene.whenCounted();
}

/** It is started again after the others have noticed. */
async function dieAndReturn(t: TestContext, scene: Scene, victim: ClusterProcess): Promise<void> {
  const { cluster, ledger } = scene;
  const { id } = victim;
  const others = cluster.nodes.filter((node) => node !== victim);
  const goodbyes = watchGoodbyes(scene, victim);
  const before = await incarnationOf(others[0], id);
  const killedAt = performance.now();
  await victim.kill();
  ledger.hasDied(victim);
  await eventually('no node names it any more', async () => {
    const stats = await Promise.all(others.map(({ admin }) => admin.stats()));
    return stats.every(({ nodes, missingNodes }) => nodes.length === others.length && missingNodes.length === 0);
  });
  const noticedMs = since(killedAt);
  await scene.whenCounted();
  const rightMs = since(killedAt);
  t.diagnostic(`a node gone: noticed after ${noticedMs} ms, all lists right after ${rightMs} ms`);
  assert.ok(noticedMs < noticedWithinMs && rightMs < rightWithinMs, `${noticedMs} ms, ${rightMs} ms`);
  await goodbyes.heardAll();
  const forgottenAt = performance.now();
  await eventually('the others go on without it', () => ledger.entriesSince(forgottenAt).length > 50);
  const missed = ledger.entriesSince(forgottenAt).flatMap(({ receipt }) => receipt?.missingNodes ?? []);
  assert.deepEqual(missed, [], 'no receipt names a node that is gone');

  await victim.start();
  await cluster.whenWhole();
  assert.equal(victim.id, id);
  const after = await incarnationOf(others[0], id);
  assert.ok(after > before, `incarnation ${after} after ${before}`);
  await clientsComeBack(scene, victim);
  goodbyes.judge();
}

/** It is started again as soon as it is dead, while its lease lives, for an hour here: whoever waits for the end of it does not serve. */
async function dieAndReturnAtOnce(t: TestContext, scene: Scene, victim: ClusterProcess, redis: Redis): Promise<void> {
  const goodbyes = watchGoodbyes(scene, victim);
  const killedAt = performance.now();
  await victim.kill();
  scene.ledger.hasDied(victim);
  const { leases } = redisKeys(scene.cluster.name, 'nodes', leaseKeys);
  const [incarnation, cidLease, deadline, beats] = ((await redis.hget(leases, victim.id)) ?? '').split(':');
  await redis.hset(leases, victim.id, [incarnation, cidLease, Number(deadline) + hourMs, beats].join(':'));
  await victim.start();
  t.diagnostic(`killed and started at once: serves after ${since(killedAt)} ms`);
  await scene.cluster.whenWhole();
  t.diagnostic(`killed and started at once: the cluster is whole after ${since(killedAt)} ms`);
  await goodbyes.heardAll();
  await clientsComeBack(scene, victim);
  goodbyes.judge();
}

for (const bus of ['redis', 'rpc'] as const) {
  test(`over ${bus}: a node that is killed is noticed, its clients' 1002 are told once, nobody else is harmed; started again it takes its place`, async (t) => {
    const servers = await serversFor(t, bus);
    const scene = await startScene(t, { ...servers, bus });
    await scene.underLoad();
    await dieAndReturn(t, scene, scene.last);
    await dieAndReturnAtOnce(t, scene, scene.last, connectRedis(t, servers.redis.port));
    const healedAt = performance.now();
    await eventually('it goes on', () => scene.ledger.entriesSince(healedAt).length > 50);
    await scene.endWell();
    for (const { stream, receipt, failure } of scene.ledger.entriesSince(healedAt)) {
      assert.deepEqual(receipt?.missingNodes, [], `${stream}: ${failure}`);
    }
    const { acknowledged, doubtful, refused } = scene.ledger;
    t.diagnostic(`${acknowledged} acknowledged, ${doubtful} of them naming a dead node, ${refused.length} refused`);
  });
}
