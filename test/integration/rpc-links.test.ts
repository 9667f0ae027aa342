import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { RpcNode } from '../../src/bus/rpc/members.ts';
import type { RpcPeers } from '../../src/bus/rpc/peers.ts';
import { StartError } from '../../src/util/start-error.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { createRpcCluster, type TestPeers } from '../support/rpc-cluster.ts';
import { freePort } from '../support/services/free-port.ts';

/** Joins and leaves as `+b7` and `-b7`, and what is told. */
async function start(peers: RpcPeers): Promise<string[]> {
  const log: string[] = [];
  await peers.start({
    onJoin: ({ id, incarnation }) => log.push(`+${id}${incarnation}`),
    onLeave: ({ id, incarnation }) => log.push(`-${id}${incarnation}`),
    onTell: ({ id }, bytes) => log.push(`${id}: ${bytes}`),
    onAsk: async (_, bytes) => bytes,
  });
  return log;
}

const has =
  (peers: RpcPeers, ...ids: string[]) =>
  () => {
    return (
      peers.nodes
        .map(({ id }) => id)
        .toSorted()
        .join() === ids.join()
    );
  };

/** Members as one node sees them. */
function listOf(nodes: readonly RpcNode[]) {
  let tell: (nodes: readonly RpcNode[]) => void = () => {};
  return {
    enter: async () => nodes,
    watch: (listener: (nodes: readonly RpcNode[]) => void) => {
      tell = listener;
    },
    set: (now: readonly RpcNode[]) => tell(now),
  };
}

const nodeOf = (peers: RpcPeers, port = peers.port): RpcNode => ({ ...peers.self, host: '127.0.0.1', port });

test('a node under a new incarnation leaves and joins for all others, and they for it; what was asked is missing', async () => {
  await using cluster = createRpcCluster();
  const [a, b, c] = [await cluster.join('a'), await cluster.join('b'), await cluster.join('c')];
  const logs = [await start(a), await start(b), await start(c)];
  await eventually('all are linked', () => has(a, 'b', 'c')() && has(b, 'a', 'c')() && has(c, 'a', 'b')());
  const asked = c.ask(['b'], Buffer.from('x'), { deadlineMs: 60_000 });
  b.reenter(9);
  assert.deepEqual((await asked).missing, ['b']);
  assert.equal(b.self.incarnation, 9);
  cluster.members.put(nodeOf(b));
  await eventually('all are linked again', () => has(a, 'b', 'c')() && has(b, 'a', 'c')() && has(c, 'a', 'b')());
  b.tell('a', Buffer.from('anew'));
  await eventually('it is heard', () => logs[0]?.includes('b: anew') ?? false);
  assert.deepEqual(logs[0], ['+b2', '+c3', '-b2', '+b9', 'b: anew']);
  assert.deepEqual(logs[1]?.toSorted(), ['+a1', '+a1', '+c3', '+c3', '-a1', '-c3']);
  b.reenter(9);
  b.reenter(8);
  assert.deepEqual([b.self.incarnation, b.nodes.length], [9, 2]);
});

test('a start that was declared gone is not let in again, until it is listed again; its next start is', async (t) => {
  await using cluster = createRpcCluster();
  const port = await freePort();
  const proxy = await startFaultProxy(t, { port });
  const [a, b] = [await cluster.join('a', { port, advertise: { port: proxy.port } }), await cluster.join('b')];
  const log = await start(a);
  await start(b);
  await eventually('they are linked', has(a, 'b'));
  cluster.members.leave('b');
  await eventually('it has gone', has(a));
  // It dials all the time.
  await eventually('it has tried', () => proxy.accepted > 4);
  assert.deepEqual(log, ['+b2', '-b2']);
  cluster.members.put(nodeOf(b));
  await eventually('it is back', has(a, 'b'));
  cluster.members.leave('b');
  b.reenter(5);
  await eventually('its next start is there', has(a, 'b'));
  assert.deepEqual(log, ['+b2', '-b2', '+b2', '-b2', '+b5']);
});

test('a link that is cut comes back by itself, and the node with what it was', async (t) => {
  await using cluster = createRpcCluster();
  const port = await freePort();
  const proxy = await startFaultProxy(t, { port });
  const a = await cluster.join('a', { port, advertise: { port: proxy.port } });
  const b = await cluster.join('b');
  const logs = [await start(a), await start(b)];
  await eventually('they are linked', () => has(a, 'b')() && has(b, 'a')());
  proxy.cut();
  await eventually('both have noticed', () => logs.every((log) => log.length >= 3));
  await eventually('they are linked again', () => has(a, 'b')() && has(b, 'a')());
  assert.deepEqual(logs, [
    ['+b2', '-b2', '+b2'],
    ['+a1', '-a1', '+a1'],
  ]);
});

test('where only the earlier node can reach the later one, it dials', async () => {
  const secret = randomBytes(32);
  await using cluster = createRpcCluster({ secret });
  const nowhere = await freePort();
  const [of, by] = [listOf([]), listOf([{ id: 'a', incarnation: 1, host: '127.0.0.1', port: nowhere }])];
  const a = await cluster.join('a', { members: of });
  const b = await cluster.join('b', { members: by });
  await Promise.all([start(a), start(b)]);
  assert.equal(b.failureOf('a'), `connection refused (127.0.0.1:${nowhere})`);
  of.set([nodeOf(b)]);
  await eventually('they are linked', () => has(a, 'b')() && has(b, 'a')());
});

test('a member that is listed before its port is open, and one that moves, are found', async (t) => {
  await using cluster = createRpcCluster();
  const port = await freePort();
  const proxy = await startFaultProxy(t, { port });
  const [first, second] = [await freePort(), proxy.port];
  const list = listOf([{ id: 'a', incarnation: 1, host: '127.0.0.1', port: first }]);
  const b = await cluster.join('z', { members: list, self: { id: 'z', incarnation: 5 } });
  await start(b);
  assert.deepEqual(b.nodes, []);
  const a = await cluster.join('a', { port, advertise: { port: second }, self: { id: 'a', incarnation: 1 } });
  await start(a);
  // The same start at another address.
  list.set([{ id: 'a', incarnation: 1, host: '127.0.0.1', port: second }]);
  await eventually('it is found where it is now', has(b, 'a'));
  assert.equal(proxy.connections, 1);
  a.crash();
  const again = await cluster.join('a', { port: first, self: { id: 'a', incarnation: 2 } });
  await start(again);
  list.set([{ id: 'a', incarnation: 2, host: '127.0.0.1', port: first }]);
  await eventually('its next start is found', () => b.nodes[0]?.incarnation === 2);
});

test('who passes a handshake on to an address that is not advertised gets no link', async (t) => {
  await using cluster = createRpcCluster();
  const a = await cluster.join('a', { members: listOf([]) });
  await start(a);
  const proxy = await startFaultProxy(t, { port: a.port });
  const b = await cluster.join('b', { members: listOf([nodeOf(a, proxy.port)]) });
  await start(b);
  assert.deepEqual([a.nodes, b.nodes], [[], []]);
  assert.ok(proxy.accepted > 0);
  assert.match(String(b.warnings[0]?.['what']), /secret|address/);
  assert.equal(b.warnings.length, 1, 'once');
});

test('a name is resolved, and IPv6 is spoken', async () => {
  for (const host of ['localhost', '::1']) {
    await using cluster = createRpcCluster({ host });
    const [a, b] = [await cluster.join('a'), await cluster.join('b')];
    await Promise.all([start(a), start(b)]);
    await eventually(`they are linked over ${host}`, () => has(a, 'b')() && has(b, 'a')());
  }
});

test('proxies of the environment are not used', async (t) => {
  const before = { ...process.env };
  t.after(() => {
    for (const name of ['grpc_proxy', 'http_proxy', 'https_proxy']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
  for (const name of ['grpc_proxy', 'http_proxy', 'https_proxy']) process.env[name] = 'http://127.0.0.1:1';
  await using cluster = createRpcCluster({ host: 'localhost' });
  const [a, b] = [await cluster.join('a'), await cluster.join('b')];
  await Promise.all([start(a), start(b)]);
  assert.ok(has(b, 'a')());
});

test('a port in use is said in plain words', async (t) => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  t.after(() => squatter.close());
  const { port } = squatter.address() as { port: number };
  await using cluster = createRpcCluster();
  const peers = await cluster.join('a', { port });
  await assert.rejects(peers.listen(), (error) => {
    assert.ok(error instanceof StartError);
    assert.equal(error.message, `the RPC cannot listen on 127.0.0.1:${port}: it is in use by another program`);
    return true;
  });
});

test('off loopback a node neither listens nor dials without TLS, but where it is told to', async () => {
  await using cluster = createRpcCluster();
  const peers = await cluster.join('a', { host: '0.0.0.0' });
  await assert.rejects(peers.listen(), (error) => {
    assert.ok(error instanceof StartError && error.exitCode === 78);
    assert.match(error.sentence, /cluster\.tls.*cluster\.insecure/);
    return true;
  });
  const far: RpcNode = { id: 'far', incarnation: 1, host: '192.0.2.1', port: 9 };
  const dialling = await cluster.join('b', { members: listOf([far]) });
  await start(dialling);
  assert.match(String(dialling.warnings[0]?.['what']), /no TLS/);
  const open = await cluster.join('c', { host: '0.0.0.0', advertise: { host: '127.0.0.1' }, insecure: true });
  await open.listen();
  assert.deepEqual(open.advertised, { host: '127.0.0.1', port: open.port });
});

test('a node that reads no more is cut off at a bound, and joins anew', async (t) => {
  const bound = 2 * 1024 * 1024;
  await using cluster = createRpcCluster({ maxWaitingBytes: bound });
  const port = await freePort();
  const proxy = await startFaultProxy(t, { port });
  const a = await cluster.join('a', { port, advertise: { port: proxy.port } });
  const b = await cluster.join('b');
  const heard = await start(a);
  const log = await start(b);
  await eventually('they are linked', () => has(a, 'b')() && has(b, 'a')());
  proxy.blackhole();
  const begun = performance.now();
  const memory = process.memoryUsage().rss;
  const piece = Buffer.alloc(256 * 1024);
  for (let sent = 0; sent < 400 && log.length < 2; sent += 1) {
    b.tell('a', piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(log, ['+a1', '-a1']);
  assert.ok(performance.now() - begun < 2000, 'before the silence is noticed');
  assert.ok(process.memoryUsage().rss - memory < 80 * 1024 * 1024);
  await proxy.pass();
  await eventually('it is back', () => has(a, 'b')() && has(b, 'a')());
  b.tell('a', Buffer.from('anew'));
  await eventually('it is heard', () => heard.includes('b: anew'));
});

test('a wire on which nothing moves is found out within the length of a lease, on both sides, and what was asked is missing', async (t) => {
  await using cluster = createRpcCluster();
  const port = await freePort();
  const proxy = await startFaultProxy(t, { port });
  const a = await cluster.join('a', { port, advertise: { port: proxy.port } });
  const b = await cluster.join('b');
  await start(a);
  await start(b);
  await eventually('they are linked', () => has(a, 'b')() && has(b, 'a')());
  proxy.blackhole();
  const begun = performance.now();
  const asked = b.ask(['a'], Buffer.from('x'), { deadlineMs: 60_000 });
  await eventually('both have noticed', () => a.nodes.length + b.nodes.length === 0);
  assert.ok(performance.now() - begun < 7000);
  assert.deepEqual((await asked).missing, ['a']);
  await proxy.pass();
  await eventually('they are linked again', () => has(a, 'b')() && has(b, 'a')());
});

test('two nodes that can dial each other have one link, whoever comes first', async () => {
  await using cluster = createRpcCluster();
  const all: TestPeers[] = [];
  for (const id of ['a', 'b', 'c', 'd', 'e']) all.push(await cluster.join(id));
  const logs = await Promise.all(all.map(start));
  await eventually('all are linked', () => all.every(({ nodes }) => nodes.length === 4));
  for (const log of logs) assert.equal(log.length, 4, log.join());
  for (const { strangers } of all) assert.equal(strangers, 0);
});
