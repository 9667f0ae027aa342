import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClusterProcess, startCluster } from '../support/cluster-process.ts';
import { eventually } from '../support/eventually.ts';
import { connectRedis } from '../support/redis-client.ts';
import { startRedis } from '../support/services/redis.ts';

const since = (from: number) => Math.round(performance.now() - from);
const clients = 600;
const backWithinMs = 15_000;
/** Commands of Redis for each client that comes back, at most, everything else of the cluster included. */
const mostCommands = 5;

test('all clients of a node that dies come back to the others within a second: none is lost, counts are right, and Redis is not stampeded', async (t) => {
  const server = await startRedis(t);
  const redis = connectRedis(t, server.port);
  const commands = async () => Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
  const cluster = await startCluster(t, { redis: { port: server.port }, nodes: 3 });
  const victim = cluster.node(2);
  const others = [cluster.node(0), cluster.node(1)] as const;
  const uids = Array.from({ length: clients / 2 }, (_, n) => `user-${n}`);
  const come = (nodeFor: (n: number) => ClusterProcess) =>
    Promise.all([
      ...uids.map((uid, n) => nodeFor(n).join('cim-json', { bind: { uid, channel: 'android', deviceId: uid } })),
      ...uids.map((_, n) => nodeFor(n).join('json')),
    ]);
  const before = await come(() => victim);
  const { admin } = others[0];
  assert.equal((await admin.send({ target: { to: 'users', uids }, push: { msg: 'before' } })).delivered, uids.length);

  const killedAt = performance.now();
  const askedBefore = await commands();
  await victim.kill();
  await Promise.all(before.map(({ closed }) => closed));
  const stormAt = performance.now();
  const back = await come((n) => others[n % 2] ?? others[0]);
  const backMs = since(stormAt);
  const asked = (await commands()) - askedBefore;
  t.diagnostic(`${clients} clients are back after ${backMs} ms, with ${asked} commands of Redis`);
  assert.ok(backMs < backWithinMs, `${backMs} ms`);
  assert.ok(asked < clients * mostCommands, `${asked} commands`);

  const atOnce = await admin.send({ target: { to: 'users', uids }, push: { msg: 'at once' } });
  assert.deepEqual([atOnce.delivered, atOnce.offline], [uids.length, []]);
  await cluster.whenWhole();
  for (const node of others) {
    await eventually('all counts are right', async () => {
      const stats = await node.admin.stats();
      const counted = stats.nodes.reduce((sum, { connections }) => sum + connections, 0);
      const { total } = await node.admin.connections({ limit: 1 });
      return counted === clients && total === clients && stats.totals.users === uids.length;
    });
  }
  t.diagnostic(`all counts are right ${since(killedAt)} ms after the kill`);
  const { users } = await others[1].admin.online(uids);
  assert.ok(uids.every((uid) => users[uid] === 1));
  const receipt = await others[1].admin.send({ target: { to: 'system' }, push: { msg: 'to all' } });
  assert.deepEqual([receipt.delivered, receipt.missingNodes], [clients, []]);
  await Promise.all(back.map((client) => client.message((body) => JSON.stringify(body).includes('to all'))));
  for (const { messages, dialect } of back) {
    assert.equal(
      messages.length,
      dialect === 'json' ? 1 : 2,
      JSON.stringify(messages.map(({ content, msg }) => content ?? msg)),
    );
  }
});
