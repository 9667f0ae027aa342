import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TailCopy, TailItem } from '../../src/api/tail.ts';
import { createAdminClient } from '../../src/client/admin-client.ts';
import type { TailRequest } from '../../src/client/tail.ts';
import { serversFor, startCluster, type TestCluster } from '../support/cluster-process.ts';
import { eventually } from '../support/eventually.ts';
import type { AdminClient } from '../support/node.ts';

const endings: (() => unknown)[] = [];
let cluster: TestCluster;
before(async () => {
  const scope = { after: (end: () => unknown) => void endings.push(end) };
  const { redis, env } = await serversFor(scope, 'rpc');
  cluster = await startCluster(scope, { redis, bus: 'rpc', env, nodes: 2 });
  await cluster.node(0).admin.addSystem('shop');
});
after(async () => {
  for (const end of endings.reverse()) await end();
});

const push = (msg: string) => ({ push: { msg } });

/** What a reader on a node gets: the messages, in the order they came. It is open on both nodes when this resolves. */
async function tail(t: { after(end: () => void): void }, request: TailRequest, admin?: AdminClient) {
  const aborter = new AbortController();
  t.after(() => aborter.abort());
  const items: TailItem[] = [];
  const words = () =>
    items
      .filter((item): item is TailCopy => item.type === 'copy')
      .flatMap(({ kind, body }) => (kind === 'push' ? [(JSON.parse(body) as { msg: string }).msg] : [kind]));
  const opened = Promise.withResolvers<void>();
  void (async () => {
    const asked = { ...request, signal: aborter.signal };
    for await (const said of (admin ?? cluster.node(0).admin).tail(asked)) {
      if (said.type === 'open') opened.resolve();
      if (said.type === 'item') items.push(said.item);
    }
  })().catch(opened.reject);
  await opened.promise;
  return { items, words };
}

/** A tap is told to the other node, and what it copies comes back, in their order: a message that is known to be copied marks the end. */
async function whenTapped({ words }: Awaited<ReturnType<typeof tail>>, send: () => Promise<unknown>, word: string) {
  await eventually(`${word} is copied`, async () => {
    await send();
    return words().includes(word);
  });
}

test('a client on another node is followed by what it gets through its group', async (t) => {
  const bob = await cluster.node(1).join('json');
  await cluster.node(0).admin.join('tailed', { ids: [bob.clientId] });
  const reader = await tail(t, { client: bob.clientId });
  const [here, there] = [cluster.node(0).admin, cluster.node(1).admin];
  const toGroup = { to: 'groups', groups: ['tailed'] } as const;
  await whenTapped(reader, () => there.send({ target: toGroup, ...push('begin') }), 'begin');
  await here.send({ target: { to: 'groups', groups: ['another'] }, ...push('not for it') });
  await here.send({ target: { to: 'system' }, exclude: { ids: [bob.clientId] }, ...push('without it') });
  await here.send({ target: toGroup, ...push('group') });
  await here.send({ target: { to: 'system' }, ...push('all') });
  await eventually('all came', () => reader.words().includes('all'));
  assert.deepEqual([...new Set(reader.words())], ['begin', 'group', 'all']);
  const copy = reader.items.find((item) => item.type === 'copy' && item.body.includes('"group"')) as TailCopy;
  assert.deepEqual([copy.node, copy.cid === undefined, copy.direction], [cluster.node(1).id, false, 'out']);
});

test('a user on two nodes is followed without duplicates, what it says as well; another system’s of the same name is not', async (t) => {
  const bind = (channel: string) => ({ bind: { uid: 'twice', channel, deviceId: channel } });
  const first = await cluster.node(0).join('yunque', bind('web'));
  await cluster.node(1).join('yunque', bind('android'));
  const reader = await tail(t, { uid: 'twice' });
  const elsewhere = await tail(t, { uid: 'twice', system: 'shop' });
  const { admin } = cluster.node(1);
  const target = { to: 'users', uids: ['twice'] } as const;
  await whenTapped(reader, () => admin.send({ target, ...push('begin') }), 'begin');
  for (const word of ['one', 'two', 'three']) await admin.send({ target, ...push(word) });
  await first.request('order', { card: '4711' });
  await whenTapped(elsewhere, () => admin.send({ system: 'shop', target, ...push('shop') }), 'shop');
  await eventually('all came', () => reader.words().includes('three') && reader.words().includes('order'));
  const theirs = reader.words().filter((word) => word !== 'begin');
  assert.deepEqual(theirs.toSorted(), ['one', 'order', 'three', 'two']);
  assert.deepEqual([...new Set(elsewhere.words())], ['shop']);
});

test('a group is followed wherever the pushes come in, each once with the receipt of all nodes', async (t) => {
  const members = [await cluster.node(0).join('json'), await cluster.node(1).join('json')];
  await cluster.node(0).admin.join('counted', { ids: members.map(({ clientId }) => clientId) });
  const reader = await tail(t, { group: 'counted', direction: 'out' });
  const target = { to: 'groups', groups: ['counted'] } as const;
  await whenTapped(reader, () => cluster.node(1).admin.send({ target, ...push('begin') }), 'begin');
  for (const [at, node] of cluster.nodes.entries()) await node.admin.send({ target, ...push(`from ${at}`) });
  await eventually('both came', () => ['from 0', 'from 1'].every((word) => reader.words().includes(word)));
  for (const item of reader.items) {
    assert.ok(item.type === 'copy');
    assert.deepEqual([item.matched, item.delivered, item.door], [2, 2, 'admin']);
  }
  assert.deepEqual(
    reader
      .words()
      .filter((word) => word !== 'begin')
      .toSorted(),
    ['from 0', 'from 1'],
  );
});

test('a key that may only read gets no values and no line in the audit log; a system’s own key gets nothing', async (t) => {
  const [node, other] = [cluster.node(0), cluster.node(1)];
  const { key } = await node.admin.rotateKey({ owner: 'operator', role: 'read' });
  const ofShop = await node.admin.rotateKey({ owner: 'system', system: 'shop', role: 'admin' });
  const client = (secret: string) => createAdminClient({ url: node.url, key: secret });
  const reader = await tail(t, { system: 'shop', redact: false }, client(key));
  const target = { to: 'system' } as const;
  const seen = () => reader.items.length > 0;
  await eventually('a copy came', async () => {
    await other.admin.send({ system: 'shop', target, ...push('4711') });
    return seen();
  });
  for (const item of reader.items) {
    assert.ok(item.type === 'copy' && item.isRedacted);
    assert.doesNotMatch(item.body, /4711/);
    assert.match(item.body, /"msg":"<string 4>"/);
  }
  await assert.rejects(tail(t, { system: 'shop' }, client(ofShop.key)), /401|403|may not|credential/);
  await tail(t, { system: 'shop' });
  const audit = () => readFile(join(node.dataDirectory, 'audit.jsonl'), 'utf8');
  await eventually('who sees bodies is written down', async () => (await audit()).includes('"action":"tail"'));
  const lines = (await audit()).split('\n').filter((line) => line.includes('"action":"tail"'));
  assert.ok(lines.every((line) => line.includes('"by":"socket"')));
});

test('a reader that does not read loses copies and is told, and delivery goes on', async () => {
  const [node, other] = [cluster.node(0), cluster.node(1)];
  const listener = await node.join('json');
  const socket = connect(node.socketPath);
  await once(socket, 'connect');
  socket.write('GET /admin/v1/tail?perSecond=10000&direction=out HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'readable');
  const target = { to: 'connections', ids: [listener.clientId] } as const;
  const text = 'x'.repeat(9000);
  let delivered = 0;
  for (let round = 0; round < 8; round += 1) {
    const receipts = await Promise.all(Array.from({ length: 100 }, () => other.admin.send({ target, ...push(text) })));
    delivered += receipts.reduce((sum, receipt) => sum + receipt.delivered, 0);
  }
  assert.equal(delivered, 800);
  let read = '';
  socket.on('data', (chunk) => {
    read += chunk;
  });
  await eventually('it is told what it lost', () => /"type":"lost","node":"[^"]+","count":\d+/.test(read));
  const got = read.match(/"type":"copy"/g)?.length ?? 0;
  assert.ok(got < 800, `${got} copies of 800`);
  socket.destroy();
});
