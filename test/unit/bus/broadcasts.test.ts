import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Broadcasts, usualTimes } from '../../../src/bus/cluster/broadcasts.ts';
import type { Cluster } from '../../../src/bus/cluster/cluster.ts';
import { MemoryBus } from '../../../src/bus/engines/memory.ts';

test('what is broadcast while all is being closed goes to the peers, and waits for nobody', async () => {
  const told: Buffer[] = [];
  const cluster = {
    ...{ self: 'n1', incarnation: 1, nodes: ['n2'] },
    tellEncoded: (_: unknown, bytes: Buffer) => told.push(bytes),
  } as unknown as Cluster;
  const ignore = () => {};
  const broadcasts = new Broadcasts({
    ...{ cluster, bus: new MemoryBus(), deaf: () => [], times: usualTimes },
    ...{ onPush: ignore, tellNext: ignore, tellHole: ignore },
  });
  await broadcasts.start();
  await broadcasts.close();
  const receipts = await broadcasts.send(Buffer.from('late'), ['n2']);
  assert.equal(receipts.size, 0);
  assert.equal(told.length, 1);
});
