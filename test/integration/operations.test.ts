import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { post } from '../support/http-post.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { refusal } from '../support/refusal.ts';
import { connect, join } from '../support/ws-clients.ts';
import { dialectNames, writeRequest } from '../support/ws-decode.ts';

let node: TestNode;
before(async () => {
  node = await startTestNode({ set: ['probe.interval=100ms'] });
});
after(() => node[Symbol.asyncDispose]());

test('the probe keeps the node ready and appears in no count, list, event or broadcast', async () => {
  const ready = await fetch(`${node.url}/readyz`);
  assert.deepEqual([ready.status, await ready.text()], [200, 'ok']);
  const probed = new Set<number>();
  await eventually('several probes come back', async () => {
    const [stats] = (await node.admin.stats()).nodes;
    if (stats?.probeMs !== undefined) probed.add(stats.probeMs);
    return probed.size >= 3;
  });
  const flushes = async () =>
    /^yunque_flush_seconds_count (\d+)$/m.exec(await (await fetch(`${node.url}/metrics`)).text());
  // The greeting of its connection.
  assert.equal((await flushes())?.[1], '1');
  const receipt = await node.admin.send({ target: { to: 'system' }, push: { msg: 'anybody?' } });
  assert.deepEqual([receipt.matched, receipt.delivered], [0, 0]);
  const [stats] = (await node.admin.stats()).nodes;
  const { connections, pending, users, groups, systems, messagesInTotal, deliveriesTotal, connectionsBySystem } =
    stats!;
  assert.deepEqual(
    { connections, pending, users, groups, systems, messagesInTotal, deliveriesTotal, connectionsBySystem },
    {
      connections: 0,
      pending: 0,
      users: 0,
      groups: 0,
      systems: 1,
      messagesInTotal: 1,
      deliveriesTotal: 0,
      connectionsBySystem: {},
    },
  );
  assert.deepEqual((await node.admin.connections()).items, []);
  assert.deepEqual(
    (await node.admin.systems()).items.map(({ system }) => system),
    ['default'],
  );
  assert.doesNotMatch(await (await fetch(`${node.url}/metrics`)).text(), /probe"/);
  const events = [];
  for await (const item of node.admin.events({ backlog: 1000 })) {
    if (item.type === 'event') events.push(item.event.type);
    if (events.includes('state')) break;
  }
  assert.deepEqual(events, ['state']);
});

test('nobody can take part in the probe: its system cannot be named, its header cannot be guessed', async () => {
  const client = await connect(node, 'json', { system: '$probe', headers: { 'X-Yunque-Probe': 'guess' } });
  assert.equal((await client.closed).code, 4507);
  for (const list of ['connections', 'users', 'groups'] as const) {
    await assert.rejects(node.admin[list]({ system: '$probe' }), refusal('unknown_system'));
  }
  await assert.rejects(node.admin.addSystem('$probe'), refusal('bad_request'));
  await assert.rejects(node.admin.removeSystem('$probe'), refusal('unknown_system'));
});

for (const dialect of dialectNames) {
  test(`kick in ${dialect}: 4503 with the operator’s reason, or a word of ours`, async () => {
    const [first, second, third] = [await join(node, dialect), await join(node, dialect), await join(node, dialect)];
    const reason = '维护';
    assert.deepEqual(await node.admin.kickConnection(first.ref, { reason }), { matched: 1, closed: 1 });
    assert.deepEqual(await first.closed, { code: 4503, reason });
    assert.deepEqual(await node.admin.kickConnection(second.ref), { matched: 1, closed: 1 });
    assert.deepEqual(await second.closed, { code: 4503, reason: 'closed by the operator' });
    assert.deepEqual(await node.admin.kickConnection(second.ref), { matched: 0, closed: 0 });
    assert.equal(third.ended, undefined);
    await third.close();
  });
}

test('a long reason is cut at a character, within what a close frame holds', async () => {
  const client = await join(node, 'cim');
  await node.admin.kickConnection(client.cid, { reason: '云'.repeat(100) });
  assert.deepEqual(await client.closed, { code: 4503, reason: '云'.repeat(41) });
});

test('kicking a user closes all its connections in that system alone', async () => {
  await node.admin.addSystem('kicks');
  const bind = (channel: string, deviceId: string) => ({ uid: 'alice', channel, deviceId });
  const [phone, pc] = [
    await join(node, 'yunque', { bind: bind('ios', 'p') }),
    await join(node, 'cim', { bind: bind('mac', 'm') }),
  ];
  const namesake = await join(node, 'yunque', { system: 'kicks', bind: bind('ios', 'p') });
  assert.deepEqual(await node.admin.kickUser('alice'), { matched: 2, closed: 2 });
  assert.deepEqual([(await phone.closed).code, (await pc.closed).code], [4503, 4503]);
  assert.equal((await node.admin.user('alice', { system: 'kicks' })).connections, 1);
  await namesake.close();
});

test('close_client closes with 4503, once', async () => {
  const client = await join(node, 'json');
  const body = { clientId: client.clientId };
  assert.deepEqual((await post(node, '/api/close_client', body, 'default')).body, {
    code: 0,
    msg: 'success',
    data: {},
  });
  assert.equal((await client.closed).code, 4503);
  assert.equal((await post(node, '/api/close_client', body, 'default')).body.msg, '客户端不存在');
});

test('what was sent to a client right before its kick still reaches it', async () => {
  const client = await join(node, 'yunque');
  const ids = [client.cid];
  await Promise.all([
    ...Array.from({ length: 20 }, () => node.admin.send({ target: { to: 'connections', ids }, push: {} })),
  ]);
  await node.admin.kickConnection(client.cid);
  assert.equal((await client.closed).code, 4503);
  assert.equal(client.messages.length, 20);
});

test('removing a system closes its connections, bound or not, and forgets users and groups', async () => {
  await node.admin.addSystem('doomed');
  const system = 'doomed';
  const members = await Promise.all(dialectNames.map((dialect) => join(node, dialect, { system })));
  const unbound = await connect(node, 'cim', { system });
  const bystander = await join(node, 'json');
  await node.admin.join('g', { system, ids: members.map((client) => client.ref) });
  const { closed } = await node.admin.removeSystem('doomed');
  assert.equal(closed, members.length);
  for (const client of [...members, unbound]) assert.equal((await client.closed).code, 4507);
  await assert.rejects(node.admin.groups({ system }), refusal('unknown_system'));
  assert.equal((await connect(node, 'json', { system }).then((client) => client.closed)).code, 4507);
  await node.admin.addSystem('doomed');
  assert.equal((await node.admin.connections({ system })).total, 0);
  assert.equal((await node.admin.groups({ system })).total, 0);
  assert.equal(bystander.ended, undefined);
  await bystander.close();
});

test('whoever had not bound when its system was removed is in no later system of that name', async () => {
  const system = 'renewed';
  await node.admin.addSystem(system);
  const unbound = await connect(node, 'yunque', { system });
  await node.admin.removeSystem(system);
  await node.admin.addSystem(system);
  unbound.send(writeRequest('yunque', 'client_bind', { uid: 'ghost' }));
  await unbound.closed;
  assert.equal((await node.admin.connections({ system })).total, 0);
});

test('default cannot be removed, nor one that is not there', async () => {
  await assert.rejects(node.admin.removeSystem('default'), refusal('bad_request'));
  await assert.rejects(node.admin.removeSystem('nowhere'), refusal('unknown_system'));
});
