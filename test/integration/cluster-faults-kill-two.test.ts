import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serversFor } from '../support/cluster-process.ts';
import { noticesTo, startScene } from '../support/cluster-scene.ts';
import { eventually } from '../support/eventually.ts';

const since = (from: number) => Math.round(performance.now() - from);

test('two of four nodes die at once: the others notice both in time, tell the 1002 of the clients of both once, and break no promise', async (t) => {
  const scene = await startScene(t, { ...(await serversFor(t, 'redis')), nodes: 4 });
  const { ledger, nodes } = scene;
  const [first, second, ...victims] = nodes;
  assert.ok(first && second);
  await scene.underLoad();
  // As the group knows them.
  const labels = victims
    .flatMap((node) => ledger.devicesOf(node))
    .filter(({ name }) => name.startsWith('default/') && !name.includes('traveller'))
    .map(({ name }) => name.replace(/^.*\//, ''))
    .sort();

  const killedAt = performance.now();
  await Promise.all(victims.map((node) => node.kill()));
  for (const node of victims) ledger.hasDied(node);
  await eventually('no node names them any more', async () => {
    const stats = await Promise.all([first, second].map(({ admin }) => admin.stats()));
    return stats.every(({ nodes: there, missingNodes }) => there.length === 2 && missingNodes.length === 0);
  });
  const noticedMs = since(killedAt);
  await scene.whenCounted();
  const rightMs = since(killedAt);
  t.diagnostic(`two nodes gone: noticed after ${noticedMs} ms, all lists right after ${rightMs} ms`);
  assert.ok(noticedMs < 7000 && rightMs < 8000, `${noticedMs} ms, ${rightMs} ms`);

  const members = ledger.devices.filter(({ streams }) => streams.includes('group-default'));
  assert.equal(members.length, 4);
  await eventually('all heard who went', () =>
    members.every((device) => noticesTo(device, 1002).length >= labels.length),
  );
  const forgottenAt = performance.now();
  await eventually('the others go on', () => ledger.entriesSince(forgottenAt).length > 50);
  await ledger.stop();
  ledger.judge();
  for (const device of members) assert.deepEqual(noticesTo(device, 1002).toSorted(), labels, device.name);
});
