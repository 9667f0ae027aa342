import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join as joinPath } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { post } from '../support/http-post.ts';
import { startServer } from '../support/local-server.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { refusal } from '../support/refusal.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { connect, connectRefused, join, paths, type WsClient } from '../support/ws-clients.ts';
import { dialectNames, writeRequest } from '../support/ws-decode.ts';

test('a peer that never closes its side of a refused request is let go, and holds up no stop', async () => {
  await using node = await startTestNode({ set: ['drain.duration=1s', 'drain.hardLimit=6s'] });
  const words = [
    'GET /nope HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'nonsense\r\n\r\n',
  ];
  for (const request of words) {
    const socket = connectSocket({ port: node.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.resume();
    socket.on('error', () => {});
    socket.write(request);
    await once(socket, 'end');
  }
  await node.node.stop();
});

test('clients get everything sent before the stop, in order, and then 4001', async () => {
  await using node = await startTestNode();
  const clients = await Promise.all(dialectNames.map((dialect) => join(node, dialect)));
  const padding = 'x'.repeat(2000);
  const sends = Array.from({ length: 300 }, (_, n) => {
    return node.admin.send({ target: { to: 'system' }, push: { msg: `${n}`, data: padding } });
  });
  const receipts = await Promise.all(sends);
  assert.ok(receipts.every(({ delivered }) => delivered === clients.length));
  await node.node.stop();
  const order = receipts.map((_, n) => String(n));
  for (const client of clients) {
    assert.deepEqual(await client.closed, { code: 4001, reason: 'the node is shutting down' });
    assert.deepEqual(client.messages.map(textOf).sort(byNumber), order);
  }
  // Concurrent sends may overtake each other on their way in, never on their way to the clients.
  const [first, ...others] = clients.map((client) => client.messages.map(textOf));
  for (const other of others) assert.deepEqual(other, first);
});

test('first it is not ready, for as long as the grace; only then clients are closed', async () => {
  await using node = await startTestNode({ set: ['drain.grace=20s', 'drain.duration=1s'] });
  const clients = await Promise.all(dialectNames.map((dialect) => join(node, dialect)));
  const unbound = await connect(node, 'cim');
  const stopped = node.node.stop();
  assert.equal((await fetch(`${node.url}/readyz`)).status, 503);
  for (const dialect of dialectNames) assert.equal((await connectRefused(node, dialect)).status, 503);
  const [stats] = (await node.admin.stats()).nodes;
  assert.deepEqual(stats?.drain, { clients: 5, left: 5 });
  for (const client of clients) assert.equal((await client.request('nothing')).body['code']?.toString(), '404');
  await node.node.stop({ hurry: true });
  await stopped;
  for (const client of [...clients, unbound]) assert.equal((await client.closed).code, 4001);
});

test('a node without clients that nobody asked anything does not wait for balancers', async () => {
  const node = await startTestNode({ set: ['drain.grace=20s', 'drain.duration=1s'] });
  // The operator is no balancer.
  await node.admin.stats();
  await node.node.stop();
  await node[Symbol.asyncDispose]();
});

/** An agent with one connection to the node that is kept after its answer. */
async function keptConnection(node: TestNode): Promise<Agent & AsyncDisposable> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await answer(node, agent);
  return Object.assign(agent, { [Symbol.asyncDispose]: async () => agent.destroy() });
}

async function answer(node: TestNode, agent: Agent): Promise<IncomingMessage> {
  const [response] = (await once(get(`${node.url}/healthz`, { agent }), 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response;
}

test('while it drains no connection is kept, and those that were are no requests to wait for', async () => {
  const node = await startTestNode();
  await using agent = await keptConnection(node);
  assert.equal(Object.values(agent.freeSockets).flat().length, 1);
  const opened = connectSocket({ port: node.port, host: '127.0.0.1' });
  opened.on('error', () => {});
  await once(opened, 'connect');
  const client = await join(node, 'cim');
  client.ws.pause();
  const stopped = node.node.stop();
  assert.equal((await answer(node, agent)).headers.connection, 'close');
  client.ws.terminate();
  await stopped;
  await node[Symbol.asyncDispose]();
});

test('a client that has not bound yet gets 4001 too', async () => {
  await using node = await startTestNode();
  const client = await connect(node, 'yunque');
  await node.node.stop();
  assert.equal((await client.closed).code, 4001);
});

/** A node that is stopping and cannot finish: one client does not read its close frame. */
async function draining(
  set: readonly string[] = [],
): Promise<{ node: TestNode; stopped: Promise<void>; last: WsClient }> {
  const node = await startTestNode({ set });
  const last = await join(node, 'yunque');
  last.ws.pause();
  const stopped = node.node.stop();
  stopped.catch(() => {});
  await eventually('it drains', async () => (await fetch(`${node.url}/readyz`)).status === 503);
  return { node, stopped, last };
}

test('while it drains a node is alive, not ready, and takes nothing new', async () => {
  const { node, stopped, last } = await draining();
  await using _ = node;
  const ready = await fetch(`${node.url}/readyz`);
  assert.deepEqual([ready.status, await ready.text()], [503, 'not ready']);
  assert.equal((await fetch(`${node.url}/healthz`)).status, 200);
  const [stats] = (await node.admin.stats()).nodes;
  assert.deepEqual([stats?.state, stats?.health.verdict], ['draining', 'degraded']);

  const sends: [string, unknown][] = [
    ['/send', { receiver: 'a', action: 'x' }],
    ['/send/all', { action: 'x' }],
    ['/api/send_to_system', {}],
    ['/api/register', { systemId: 'late' }],
    ['/api/message/send?sender=1&receiver=2&action=3', {}],
    ['/room/join', { room: 'r', uids: ['a'] }],
  ];
  for (const [path, body] of sends) assert.equal((await post(node, path, body, 'default')).status, 503, path);
  const { headers } = await fetch(`${node.url}/send/all`, { method: 'POST', body: '{}' });
  assert.ok(Number(headers.get('retry-after')) >= 1);
  await assert.rejects(node.admin.send({ target: { to: 'system' }, push: {} }), refusal('going_away'));
  for (const dialect of dialectNames) assert.equal((await connectRefused(node, dialect)).status, 503);

  last.ws.terminate();
  await stopped;
  await assert.rejects(fetch(`${node.url}/healthz`));
});

test('a bind that comes while the node drains changes nothing: the client gets 4001', async () => {
  const node = await startTestNode();
  await using _ = node;
  const [late, holding] = [await connect(node, 'cim'), await join(node, 'cim')];
  holding.ws.pause();
  const stopped = node.node.stop();
  late.send(writeRequest('cim', 'client_bind', { uid: 'late' }));
  assert.equal((await late.closed).code, 4001);
  assert.equal((await node.admin.connections()).total, 0);
  holding.ws.terminate();
  await stopped;
});

test('a stop that cannot end says after the hard limit what it was stuck in', async () => {
  const { node, stopped, last } = await draining(['drain.duration=100ms', 'drain.hardLimit=300ms']);
  await assert.rejects(stopped, /not stopped within 300 ms: stuck waiting for the clients to go/);
  last.ws.terminate();
  await eventually(
    'the rest is released',
    async () =>
      await fetch(`${node.url}/healthz`).then(
        () => false,
        () => true,
      ),
  );
});

test('stopping again is the same stop', async () => {
  const node = await startTestNode();
  await Promise.all([node.node.stop(), node.node.stop(), node.node.stop({ hurry: true })]);
  await node[Symbol.asyncDispose]();
});

test('many clients are closed over a while, and a hurried stop closes the rest at once', {
  timeout: 60_000,
}, async () => {
  await using node = await startTestNode();
  const clients = await Promise.all(Array.from({ length: 300 }, () => join(node, 'json')));
  // One a second: without hurry it would take five minutes.
  const stopped = node.node.stop({ drainMs: 300_000 });
  await Promise.race(clients.map((client) => client.closed));
  assert.ok(
    clients.some((client) => client.ended === undefined),
    'all were closed in one moment',
  );
  await node.node.stop({ hurry: true });
  await stopped;
  for (const client of clients) assert.equal((await client.closed).code, 4001);
});

test('after the stop nothing is left open: port, socket, key file, event streams', async () => {
  const node = await startTestNode();
  const { keyFile, socketFile } = node.node.operator;
  assert.ok(keyFile !== undefined && existsSync(keyFile) && socketFile !== undefined && existsSync(socketFile));
  const stream = (async () => {
    for await (const item of node.admin.events()) if (item.type === 'lost') return 'lost';
    return 'ended';
  })();
  await eventually('it listens', async () => (await node.admin.stats()).nodes.length === 1);
  await node.node.stop();
  assert.equal(await stream, 'lost');
  assert.ok(!existsSync(keyFile) && !existsSync(socketFile));
  await assert.rejects(fetch(`${node.url}/healthz`));
  await node[Symbol.asyncDispose]();
});

function textOf(body: Readonly<Record<string, unknown>>): string {
  const { content } = body;
  if (content === undefined) return String(body['msg']);
  return String((typeof content === 'string' ? JSON.parse(content) : content).msg);
}

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b);
}

test('what is asked through the admin API reaches the one who ends the node, as it was asked', async () => {
  await using node = await startTestNode();
  const asks: unknown[] = [];
  node.node.onStopAsked((ask) => asks.push(ask));
  const { dataDirectory } = node;
  assert.deepEqual(await node.admin.stop(), { clients: 0, hardLimitMs: 30_000, dataDirectory });
  await node.admin.stop({ now: true });
  const longer = await node.admin.stop({ drainMs: 60_000 });
  assert.equal(longer.hardLimitMs, 70_000);
  assert.deepEqual(asks, [
    { hurry: false, drainMs: undefined },
    { hurry: true, drainMs: undefined },
    { hurry: false, drainMs: 60_000 },
  ]);
  const { status } = await fetch(`${node.url}/admin/v1/stop`, { method: 'POST', body: '{}' });
  assert.equal(status, 401, 'the trust in this machine is for pushes only');
});

test('a stop asked through the admin API drains, and a node that drains takes another', async () => {
  await using node = await startTestNode();
  const client = await join(node, 'yunque');
  client.ws.pause();
  assert.equal((await node.admin.stop()).clients, 1);
  assert.equal((await node.admin.stats()).nodes[0]?.state, 'draining');
  await node.admin.stop({ now: true });
  client.ws.resume();
  assert.equal((await client.closed).code, 4001);
  await node.node.stop();
});

test('a drain of so long as was asked for takes its whole time with two clients, and ends when they leave before', async () => {
  await using node = await startTestNode({ set: ['drain.duration=1s'] });
  const [one, two] = await Promise.all([join(node, 'json'), join(node, 'json')]);
  const stopped = node.node.stop({ drainMs: 600_000 });
  const first = await Promise.race([one.closed.then(() => one), two.closed.then(() => two)]);
  const last = first === one ? two : one;
  assert.deepEqual([(await node.admin.stats()).nodes[0]?.drain?.left, last.ended], [1, undefined]);
  last.ws.terminate();
  await stopped;
});

test('one that does not answer its close frame is said to be waited for, and cut off before the hard limit', async () => {
  const said: unknown[] = [];
  const log = Object.assign(silentLogger(), { info: (...words: unknown[]) => void said.push(words.at(-1)) });
  await using node = await startTestNode({ set: ['drain.duration=100ms', 'drain.hardLimit=30s'], log });
  const client = await join(node, 'yunque');
  client.ws.pause();
  await node.node.stop();
  assert.ok(said.includes('waiting for 1 client to close'), said.join('\n'));
  client.ws.terminate();
});

/** A node whose tokens a hook checks that never answers. */
async function startWithHook(t: TestContext, ...set: readonly string[]) {
  const hook = await startServer(t, () => {});
  const secretFile = joinPath(await mkdtemp(joinPath(tmpdir(), 'yunque-hook-')), 'secret');
  t.after(() => rm(dirname(secretFile), { recursive: true }));
  await writeFile(secretFile, 'x'.repeat(32), { mode: 0o600 });
  const source = { type: 'http', url: hook.url, secretFile, timeout: '30s' };
  const limits = ['drain.duration=1s', 'drain.hardLimit=20s'];
  const node = await startTestNode({ set: [`auth.tokens=${JSON.stringify([source])}`, ...limits, ...set] });
  t.after(() => node[Symbol.asyncDispose]());
  return { node, hook };
}

for (const hurry of [false, true]) {
  test(`logins that wait for a token to be checked are pending, and hold up no stop (hurry: ${hurry})`, async (t) => {
    const { node, hook } = await startWithHook(t, ...(hurry ? [] : ['drain.grace=15s']));
    const refusals = dialectNames.map((dialect) =>
      connectRefused(node, dialect, { url: `${node.ws}${paths[dialect]}?token=opaque` }),
    );
    const binding = await connect(node, 'yunque');
    binding.send(writeRequest('yunque', 'client_bind', { token: 'opaque' }));
    await eventually('the hook is asked', () => hook.asked.length === dialectNames.length + 1);
    assert.equal((await node.admin.stats()).nodes[0]?.pending, dialectNames.length + 1);
    const stopped = node.node.stop({ hurry });
    // Not when the grace is over.
    for (const { status } of await Promise.all(refusals)) assert.equal(status, 503);
    if (!hurry) await node.node.stop({ hurry: true });
    assert.equal((await binding.closed).code, 4001);
    await stopped;
  });
}
