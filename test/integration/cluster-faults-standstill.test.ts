import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClusterProcess, serversFor } from '../support/cluster-process.ts';
import { noticesTo, startScene } from '../support/cluster-scene.ts';
import { eventually } from '../support/eventually.ts';

const since = (from: number) => Math.round(performance.now() - from);

test('a node that stands still for longer than its lease is taken for dead; when it goes on it enters anew, ends what was superseded and keeps its other clients', async (t) => {
  const scene = await startScene(t, await serversFor(t, 'redis'));
  const { cluster, ledger } = scene;
  const still = scene.last;
  const [first, second] = scene.nodes as [ClusterProcess, ClusterProcess];
  await scene.underLoad();
  const before = (await still.admin.node(still.id)).cluster?.incarnation ?? 0;
  const own = ledger.devicesOf(still);
  const cameBefore = new Map(ledger.devices.map((device) => [device, noticesTo(device, 1001).length]));

  ledger.pauses(still);
  still.signal('SIGSTOP');
  const stoppedAt = performance.now();
  await eventually(
    'the others count with it no more',
    async () => {
      const stats = await Promise.all([first, second].map(({ admin }) => admin.stats()));
      return stats.every(({ nodes, missingNodes }) => nodes.length === 2 && missingNodes.length === 0);
    },
    30_000,
  );
  t.diagnostic(`a node that stands still: gone for the others after ${since(stoppedAt)} ms`);
  const goneAt = performance.now();
  const superseded = own.find(({ name }) => name === 'default/traveller-android');
  assert.ok(superseded);
  ledger.leaves(superseded);
  await scene.addTraveller('default', second, 'cim-json', 'android');
  await eventually('the others go on without it', () => ledger.entriesSince(goneAt, 'all-shop').length > 20);
  for (const { receipt } of ledger.entriesSince(goneAt, 'all-shop')) assert.deepEqual(receipt?.missingNodes, []);

  still.signal('SIGCONT');
  const resumedAt = performance.now();
  await eventually(
    'it has entered anew',
    async () => {
      const { cluster: figures } = await still.admin.node(still.id);
      return (figures?.incarnation ?? 0) > before;
    },
    20_000,
  );
  await cluster.whenWhole();
  t.diagnostic(`it goes on: entered anew and whole after ${since(resumedAt)} ms`);
  assert.equal((await superseded.client.closed).code, 4005);
  ledger.resumes(still);
  await scene.whenCounted();
  const wholeAt = performance.now();
  await eventually('it goes on', () => ledger.entriesSince(wholeAt).length > 50);
  await scene.endWell();
  for (const device of ledger.devicesOf(first)) {
    const isMember = device.streams.some((name) => name.startsWith('group-'));
    assert.equal(noticesTo(device, 1002).length, isMember ? 2 : 0, `${device.name}: each member that went, once`);
    const back = noticesTo(device, 1001).slice(cameBefore.get(device));
    assert.deepEqual(back.toSorted(), noticesTo(device, 1002).toSorted(), `${device.name}: each that went came back`);
  }
  t.diagnostic(`${ledger.acknowledged} acknowledged, ${ledger.doubtful} naming a node`);
  for (const { receipt } of ledger.entriesSince(wholeAt)) assert.deepEqual(receipt?.missingNodes, []);
});
