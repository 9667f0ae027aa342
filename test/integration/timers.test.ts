import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startChildNode } from '../support/child-node.ts';
import { eventually } from '../support/eventually.ts';

const hook = join(import.meta.dirname, '../support/timers-hook.ts');
const paths = ['/ws', '/yunque', '/cim', '/cim-json'];

test('a node with 500 connections has no more timers than one with none', async (t) => {
  const node = await startChildNode(t, { node: ['--import', hook] });
  const timers = async (): Promise<string> => {
    const told = () => node.said().match(/timers: .*/g) ?? [];
    const before = told().length;
    process.kill(node.pid, 'SIGUSR2');
    await eventually('it says its timers', () => told().length > before);
    return told().at(-1) as string;
  };
  // Those of the start have gone, those of the first request have come.
  await node.admin.stats();
  const counted = (told: string) => (told.match(/\d+/g) ?? []).map(Number);
  // A timer that passes by is in some samples: the fewest are those that stay.
  const least = async (): Promise<readonly number[]> => {
    const samples: number[][] = [];
    while (samples.length < 10) samples.push(counted(await timers()));
    return samples.reduce((fewest, sample) => fewest.map((count, at) => Math.min(count, sample[at] ?? 0)));
  };
  const none = await least();
  // Half of them still have to bind; one in ten is in the middle of a message.
  for (let n = 0; n < 500; n += 1) {
    const client = await node.upgrade(paths[n % 2 === 0 ? 0 : n % paths.length]);
    assert.equal(client.status, 101);
    if (n % 10 === 0) client.socket.write(Buffer.from([0x01, 0x84]));
  }
  let some: readonly number[] = [];
  await eventually('their timers are those of nobody', async () => {
    some = await least();
    return some.every((count, at) => count <= (none[at] ?? 0));
  }).catch(() => {});
  assert.ok(
    some.every((count, at) => count <= (none[at] ?? 0)),
    `${some.join(', ')} with clients, ${none.join(', ')} without`,
  );
  const [stats] = (await node.admin.stats()).nodes;
  assert.equal((stats?.connections ?? 0) + (stats?.pending ?? 0), 500);
});
