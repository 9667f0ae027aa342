import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startChildNode } from '../support/child-node.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';

test('a node whose heap is nearly full refuses newcomers, serves those it has, and lets others in when some have gone', async (t) => {
  const node = await startChildNode(t, { node: ['--max-old-space-size=48'] });
  const inside: RawClient[] = [];
  let refused = 0;
  while (refused === 0) {
    assert.ok(inside.length < 15_000 && node.isAlive(), `${inside.length} came in\n${node.said().slice(-2000)}`);
    const batch = await Promise.all(Array.from({ length: 100 }, () => node.upgrade()));
    inside.push(...batch.filter(({ status }) => status === 101));
    refused += batch.filter(({ status }) => status === 503).length;
  }
  const [stats] = (await node.admin.stats()).nodes;
  assert.deepEqual(stats?.shedding, ['heap']);
  assert.match(stats?.health.reasons.join() ?? '', /newcomers are refused: the heap is \d+ % full/);
  const receipt = await node.admin.send({ target: { to: 'system' }, push: { msg: 'still here' } });
  assert.deepEqual([receipt.matched, receipt.delivered], [inside.length, inside.length]);
  for (const { socket } of inside.slice(inside.length / 4)) socket.destroy();
  await eventually('there is room again', async () => (await node.upgrade()).status === 101);
  assert.ok(node.isAlive());
});
