import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClusterProcess, serversFor } from '../support/cluster-process.ts';
import { noticesTo, startScene } from '../support/cluster-scene.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { Device } from '../support/ledger.ts';
import { freePort } from '../support/services/free-port.ts';

const since = (from: number) => Math.round(performance.now() - from);
/** Longer than a lease: nobody is dead who still beats. */
const cutMs = 8000;

test('the RPC wire of two nodes is cut, both alive: answers name the other, no 1002 is told and no login lost; healed, all is delivered and one login is left', async (t) => {
  const { redis } = await serversFor(t, 'redis');
  const ports = await Promise.all([0, 1].map(() => freePort()));
  const proxies = await Promise.all(ports.map((port) => startFaultProxy(t, { port })));
  const setOf = (index: number) => [
    `cluster.rpcPort=${ports[index]}`,
    `cluster.advertise=127.0.0.1:${proxies[index]?.port}`,
  ];
  const scene = await startScene(t, { redis, nodes: 2, setOf });
  const { cluster, ledger } = scene;
  const [first, second] = scene.nodes as [ClusterProcess, ClusterProcess];
  const both = [first, second] as const;
  await scene.underLoad();

  await Promise.all(proxies.map((proxy) => proxy.refuse()));
  const cutAt = performance.now();
  await eventually('each names the other', async () => {
    const stats = await Promise.all(both.map(({ admin }) => admin.stats()));
    return stats.every(({ missingNodes }, at) => missingNodes.join() === both[1 - at]?.id);
  });
  t.diagnostic(`the RPC is cut: named after ${since(cutAt)} ms`);
  const namedAt = performance.now();
  const [older] = ledger.devices.filter(({ name }) => name === 'default/traveller-web');
  assert.ok(older);
  ledger.leaves(older);
  const bind = { uid: 'roamer', channel: 'android' };
  const logins = await Promise.all(
    both.map((node, at) => node.join('yunque', { bind: { ...bind, deviceId: `phone ${at}` } })),
  );
  await older.client.close();
  await scene.addTraveller('default', second, 'cim-json', 'web');
  for (const [at, { admin }] of both.entries()) {
    const target = { to: 'users', uids: ['roamer', 'nobody'] } as const;
    const receipt = await admin.send({ target, push: { msg: 'while cut' } });
    assert.deepEqual([receipt.delivered, receipt.missingNodes], [1, [both[1 - at]?.id]]);
    await logins[at]?.message(({ content }) => (content as { msg?: string }).msg === 'while cut');
  }
  for (const [path, body, data] of publicCalls(ledger.devicesOf(second), 'json-1')) {
    const { status, body: answer } = await first.post(path, body);
    const told = answer['data'] as Readonly<Record<string, unknown>>;
    assert.deepEqual([status, told?.['missingNodes']], [200, [second.id]], `${path}: ${JSON.stringify(answer)}`);
    assert.deepEqual({ ...told, ...data }, told, path);
  }
  await eventually('it was cut for longer than a lease', () => since(cutAt) > cutMs, 2 * cutMs);
  for (const device of ledger.devices) assert.deepEqual(noticesTo(device, 1002), [], device.name);
  const during = ledger.entriesSince(namedAt);
  assert.deepEqual(
    during.filter(({ failure }) => failure !== undefined),
    [],
  );
  assert.ok(during.some(({ receipt }) => (receipt?.missingNodes.length ?? 0) > 0));

  await Promise.all(proxies.map((proxy) => proxy.pass()));
  const healedAt = performance.now();
  await cluster.whenWhole();
  t.diagnostic(`healed: whole after ${since(healedAt)} ms`);
  await eventually(
    'one of the two logins is left',
    () => logins.filter(({ ended }) => ended === undefined).length === 1,
  );
  await Promise.all(logins.map((login) => (login.ended === undefined ? login.close() : undefined)));
  await scene.whenCounted();
  const wholeAt = performance.now();
  await eventually('it goes on', () => ledger.entriesSince(wholeAt).length > 50);
  await scene.endWell();
  for (const { receipt } of ledger.entriesSince(wholeAt)) assert.deepEqual(receipt?.missingNodes, []);
  t.diagnostic(`${ledger.acknowledged} acknowledged, ${ledger.doubtful} naming the other node`);
});

/** Calls of both public families for a client of the other node, and what their answers say beside `missingNodes`. */
function publicCalls(devices: readonly Device[], name: string) {
  const clientId = devices.find((device) => device.name === `default/${name}`)?.client.clientId;
  const [group, uid] = ['room', 'traveller'];
  return [
    ['/api/is_online', { clientId }, { online: false }],
    ['/api/get_online_list', { groupName: group }, {}],
    ['/api/send_to_client', { clientId, msg: 'while cut' }, {}],
    ['/api/send_to_group', { groupName: 'nobody', msg: 'while cut' }, {}],
    ['/api/bind_to_group', { clientId, groupName: 'other' }, {}],
    ['/api/close_client', { clientId }, {}],
    ['/send/toUids', { message: { action: 'while cut' }, uids: ['nobody'] }, { offline: [] }],
    ['/getOnlineUser', { uid }, {}],
    ['/room/join', { room: 'other', cids: [clientId] }, { unknown: [] }],
  ] as const;
}
