import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { nodeOf, startWorkers } from '../support/worker-node.ts';

const push = (msg: string) => ({ push: { msg } });

test('each worker is a node with clients of its own, and a message to all reaches all of them once', async (t) => {
  const node = await startWorkers(t);
  const crowd = await node.crowd();
  const nodes = await node.nodes();
  assert.equal(nodes.length, 2);
  assert.equal(new Set(nodes.map(({ pid }) => pid)).size, 2);
  assert.equal(
    nodes.reduce((sum, { connections }) => sum + connections, 0),
    crowd.length,
  );
  for (let n = 0; n < 4; n += 1) {
    const receipt = await node.admin.send({ target: { to: 'system' }, ...push(`all ${n}`) });
    assert.deepEqual([receipt.matched, receipt.delivered, receipt.missingNodes], [crowd.length, crowd.length, []]);
  }
  for (const client of crowd) {
    for (let n = 0; n < 4; n += 1) await client.message(({ msg }) => msg === `all ${n}`);
    assert.equal(client.messages.length, 4);
  }
  const listed = await node.admin.connections({ limit: 1000 });
  assert.equal(listed.total, crowd.length);
  assert.equal(new Set(listed.items.map(({ node: of }) => of)).size, 2);
});

test('a group, a clientId and a kick work wherever the client is', async (t) => {
  const node = await startWorkers(t);
  const crowd = await node.crowd();
  const ids = crowd.map(({ clientId }) => clientId);
  const joined = await node.admin.join('room', { ids });
  // A worker that is late would be named: then it is not the connections that were unknown.
  assert.deepEqual(joined, { matched: crowd.length, changed: crowd.length, unknown: [] });
  const receipt = await node.admin.send({ target: { to: 'groups', groups: ['room'] }, ...push('group') });
  assert.equal(receipt.delivered, crowd.length);
  await Promise.all(crowd.map((client) => client.message(({ msg }) => msg === 'group')));
  for (const client of crowd) {
    const one = await node.admin.send({ target: { to: 'connections', ids: [client.clientId] }, ...push('one') });
    assert.equal(one.delivered, 1);
    await client.message(({ msg }) => msg === 'one');
  }
  for (const client of crowd) {
    assert.deepEqual(await node.admin.kickConnection(client.clientId), { matched: 1, closed: 1 });
    await client.closed;
  }
  await eventually('nobody is left', async () => (await node.nodes()).every(({ connections }) => connections === 0));
});

test('a login on another worker replaces the one before it', async (t) => {
  const node = await startWorkers(t);
  const [first, second] = await node.onTwoWorkers({ uid: 'ann', channel: 'android', deviceId: 'phone' });
  assert.equal((await first.closed).code, 4005);
  assert.notEqual(nodeOf(first), nodeOf(second));
  const receipt = await node.admin.send({ target: { to: 'users', uids: ['ann'] }, ...push('hello') });
  assert.deepEqual([receipt.matched, receipt.delivered], [1, 1]);
  const { items } = await node.admin.users({});
  assert.deepEqual(
    items.map(({ uid, connections }) => [uid, connections]),
    [['ann', 1]],
  );
});

test('a key, a system and a ban are known to every worker when the answer is there', async (t) => {
  const node = await startWorkers(t, { workers: 3 });
  await node.admin.addSystem('shop');
  const { key, info } = await node.admin.rotateKey({ owner: 'system', system: 'shop', role: 'push' });
  const ask = async () => {
    const response = await fetch(`${node.url}/api/send_to_system`, {
      method: 'POST',
      // A connection of its own each: the kernel chooses a worker for it.
      headers: { SystemId: 'shop', Authorization: `Bearer ${key}`, Connection: 'close' },
      body: JSON.stringify({ sendUserId: 'me', code: 1, msg: 'x', data: '' }),
    });
    return response.status;
  };
  const statuses = async () => new Set(await Promise.all(Array.from({ length: 24 }, ask)));
  assert.deepEqual(await statuses(), new Set([200]));
  await node.admin.removeKey(info.id);
  assert.equal((await statuses()).has(200), false);

  await node.admin.ban('bob', { forMs: 60_000 });
  for (let n = 0; n < 12; n += 1) {
    await assert.rejects(node.connect('yunque', { uid: 'bob', channel: 'web', deviceId: `d${n}` }), /4503|refused|no /);
  }
});

test('metrics, probes and the admin API of any worker answer for all', async (t) => {
  const node = await startWorkers(t);
  const crowd = await node.crowd();
  for (let n = 0; n < 6; n += 1) {
    const get = async (path: string) =>
      (await fetch(`${node.url}${path}`, { headers: { Connection: 'close' } })).text();
    assert.equal(await get('/readyz'), 'ok');
    const text = await get('/metrics');
    const counts = [...text.matchAll(/^yunque_connections\{.*node="(.+?)".*\} (\d+)$/gm)];
    assert.equal(counts.length, 2);
    assert.equal(
      counts.reduce((sum, match) => sum + Number(match[2]), 0),
      crowd.length,
    );
    assert.equal([...text.matchAll(/^yunque_worker_up\{node=".+"\} 1$/gm)].length, 2);
    assert.equal([...text.matchAll(/^# TYPE yunque_users /gm)].length, 1);
    assert.deepEqual([...text.matchAll(/^yunque_systems.*$/gm)].map(String), ['yunque_systems 1']);
  }
});

test('where a system is removed, connections that have not bound in it are closed on every worker', async (t) => {
  const node = await startWorkers(t);
  await node.admin.addSystem('shop');
  const unbound = await Promise.all(Array.from({ length: 24 }, () => node.upgrade('/yunque?systemId=shop')));
  await eventually('each worker has some', async () => (await node.nodes()).every(({ pending }) => pending > 0));
  await node.admin.removeSystem('shop');
  for (const client of unbound) assert.equal(await client.closeCode(), 4507);
  assert.equal(
    (await node.nodes()).reduce((sum, { pending }) => sum + pending, 0),
    0,
  );
});

test('the events and the traffic of all workers can be followed at each of them, and from the operator’s socket', async (t) => {
  const node = await startWorkers(t);
  const seen = new Set<string>();
  const end = new AbortController();
  t.after(() => end.abort());
  const following = (async () => {
    for await (const item of node.admin.events({ types: ['connected'], signal: end.signal })) {
      if (item.type === 'event') seen.add(item.event.node);
      if (seen.size === 2) return;
    }
  })();
  await eventually('both were seen', async () => {
    await node.connect('json');
    return seen.size === 2;
  });
  await following;
  const tapped = new Set<string>();
  const tailing = (async () => {
    for await (const said of node.admin.tail({ signal: end.signal })) {
      if (said.type === 'item') tapped.add(said.item.node);
      if (tapped.size === 2) return;
    }
  })();
  await eventually('copies of both came', async () => {
    await node.admin.send({ target: { to: 'system' }, push: { msg: 'm' } });
    return tapped.size === 2;
  });
  await tailing;
});
