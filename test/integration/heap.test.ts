import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startChildNode } from '../support/child-node.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';
import { clientFrame, opcode } from '../support/raw-frames.ts';

/** Binds with ids as long as they may be: 16 KiB of heap for each client. */
function bindFrame(uid: string): Buffer {
  const long = (text: string) => text.padEnd(4096, text);
  const data = {
    uid: long(`u${uid}`),
    deviceId: long(`d${uid}`),
    deviceName: long(`n${uid}`),
    channel: long(`c${uid}`),
  };
  const content = JSON.stringify({ key: 'client_bind', data });
  return clientFrame(opcode.text, Buffer.from(JSON.stringify({ type: 3, content })));
}

test('a node whose heap is nearly full refuses newcomers, serves those it has, and lets others in when there is room', async (t) => {
  const serve = ['--set', 'limits.idBytes=4KiB'];
  const node = await startChildNode(t, { node: ['--max-old-space-size=80'], serve });
  const inside: RawClient[] = [];
  let refused = 0;
  while (refused === 0) {
    assert.ok(inside.length < 10_000 && node.isAlive(), `${inside.length} came in\n${node.said().slice(-2000)}`);
    const batch = await Promise.all(Array.from({ length: 50 }, () => node.upgrade('/cim-json')));
    refused += batch.filter(({ status }) => status === 503).length;
    const taken = batch.filter(({ status }) => status === 101);
    for (const client of taken) client.socket.write(bindFrame(String(inside.push(client))));
    await eventually(
      'all have bound',
      async () => (await node.admin.connections({ limit: 1 })).total === inside.length,
    );
  }
  const [stats] = (await node.admin.stats()).nodes;
  assert.deepEqual(stats?.shedding, ['heap']);
  assert.match(
    stats?.health.reasons.join() ?? '',
    /newcomers are refused: [\d.]+ MiB of the heap are left \(maxHeap\)/,
  );
  const receipt = await node.admin.send({ target: { to: 'system' }, push: { msg: 'still here' } });
  assert.deepEqual([receipt.matched, receipt.delivered], [inside.length, inside.length]);

  for (const { socket } of inside.slice(10)) socket.destroy();
  await eventually('they have gone', async () => (await node.admin.connections({ limit: 1 })).total === 10);
  await eventually('there is room again', async () => {
    // Garbage that nobody collects is no room: the node has to do something.
    await node.admin.connections({ limit: 10 });
    return (await node.upgrade()).status === 101;
  });
  assert.ok(node.isAlive());
});
