import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startChildNode } from '../support/child-node.ts';
import { eventually } from '../support/eventually.ts';
import type { TestNode } from '../support/node.ts';
import { connect, join } from '../support/ws-clients.ts';
import { dialectNames } from '../support/ws-decode.ts';

/** More than a bind (10 s) and the silence of a `json` client (25 s and 10 s) may take, as a node comes. */
const pauseMs = 36_000;

test('a node that stood still for longer than its deadlines closes no client of any dialect, bound or binding', async (t) => {
  const node = await startChildNode(t, {});
  const place = { url: `http://127.0.0.1:${node.port}`, ws: `ws://127.0.0.1:${node.port}` } as TestNode;
  const bound = await Promise.all(dialectNames.map((dialect) => join(place, dialect)));
  const binders = dialectNames.filter((dialect) => dialect !== 'json');
  const binding = await Promise.all(binders.map((dialect) => connect(place, dialect)));
  const all = [...bound, ...binding];
  t.after(() => {
    for (const { ws } of all) ws.terminate();
  });
  await node.admin.stats();

  process.kill(node.pid, 'SIGSTOP');
  await delay(pauseMs);
  process.kill(node.pid, 'SIGCONT');

  const stats = async () => {
    const [own] = (await node.admin.stats()).nodes;
    assert.ok(own !== undefined);
    return own;
  };
  await eventually('it noticed', async () => (await stats()).pauses.seconds > 30);
  const { uptimeSeconds } = await stats();
  // Deadlines are looked at ten times a second.
  await eventually('it has looked at all deadlines', async () => (await stats()).uptimeSeconds > uptimeSeconds + 1);
  await Promise.all(binding.map((client, at) => client.bind({ uid: `late-${at}`, channel: 'web', deviceId: 'd' })));
  const receipt = await node.admin.send({ target: { to: 'system' }, push: { msg: 'still there' } });
  assert.deepEqual([receipt.matched, receipt.delivered], [all.length, all.length]);
  for (const client of all) await client.next(({ type }) => type === 'message', 'the message');
  assert.deepEqual((await stats()).disconnects, {});
});
