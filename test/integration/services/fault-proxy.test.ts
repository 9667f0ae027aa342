import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { it, type TestContext } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';

/** A server that answers what it is told, in front of it the proxy. */
async function begin(t: TestContext) {
  const heard: string[] = [];
  const peers: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    peers.push(socket);
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard.push(text);
      socket.write(`re:${text}`);
    });
    socket.on('end', () => socket.end('bye'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const peer of peers) peer.destroy();
    server.close();
  });
  const proxy = await startFaultProxy(t, server.address() as { port: number });
  return { proxy, heard: () => heard.join(''), peers };
}

async function clientOf(t: TestContext, proxy: FaultProxy) {
  const socket = connect({ port: proxy.port, host: proxy.host, allowHalfOpen: true });
  t.after(() => socket.destroy());
  const closed = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.on('close', () => resolve('closed'));
  });
  let got = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    got += text;
  });
  await Promise.race([once(socket, 'connect'), closed]);
  const gets = (text: string) => eventually(`the client gets ${text}`, () => got === text);
  return { socket, closed, gets, got: () => got };
}

it('passes bytes and ends of either side on, each way by itself', async (t) => {
  const { proxy } = await begin(t);
  const { socket, gets } = await clientOf(t, proxy);
  socket.write('one');
  await gets('re:one');
  socket.end('two');
  await gets('re:onere:twobye');
  await eventually('it is closed', () => proxy.connections === 0);
  assert.equal(proxy.accepted, 1);
});

it('cut: every connection is reset, a new one is welcome', async (t) => {
  const { proxy, peers } = await begin(t);
  const { socket, gets, closed } = await clientOf(t, proxy);
  socket.write('one');
  await gets('re:one');
  proxy.cut();
  assert.equal(await closed, 'ECONNRESET');
  await eventually('the server sees it', () => peers[0]?.destroyed === true);
  const next = await clientOf(t, proxy);
  next.socket.write('two');
  await next.gets('re:two');
});

it('refuse: nobody gets in until it passes again, on the same port', async (t) => {
  const { proxy } = await begin(t);
  const before = await clientOf(t, proxy);
  await proxy.refuse();
  assert.equal(await before.closed, 'ECONNRESET');
  assert.equal(await (await clientOf(t, proxy)).closed, 'ECONNREFUSED');
  await proxy.pass();
  const after = await clientOf(t, proxy);
  after.socket.write('x');
  await after.gets('re:x');
});

it('black hole: connections stay, nothing comes through, not even a reset; afterwards all of it, in order', async (t) => {
  const { proxy, heard, peers } = await begin(t);
  const staying = await clientOf(t, proxy);
  const going = await clientOf(t, proxy);
  staying.socket.write('a');
  going.socket.write('b');
  await Promise.all([staying.gets('re:a'), going.gets('re:b')]);
  proxy.blackhole();
  staying.socket.write('c');
  going.socket.resetAndDestroy();
  const silent = await clientOf(t, proxy);
  silent.socket.write('d');
  await eventually('the proxy took it in', () => proxy.accepted === 3);
  await turns();
  assert.equal(heard().length, 2);
  assert.ok(peers.every((peer) => !peer.destroyed));
  await proxy.pass();
  await Promise.all([staying.gets('re:are:c'), silent.gets('re:d')]);
  await eventually('the reset came', () => peers.filter((peer) => peer.destroyed).length === 1);
});

it('black hole, one way: requests arrive while their replies are held back', async (t) => {
  const { proxy, heard } = await begin(t);
  const { socket, gets, got } = await clientOf(t, proxy);
  proxy.blackhole('replies');
  socket.write('a');
  await eventually('the server heard it', () => heard() === 'a');
  await turns();
  assert.equal(got(), '');
  await proxy.pass();
  await gets('re:a');
  proxy.blackhole('requests');
  socket.write('b');
  await turns();
  assert.equal(heard(), 'a');
});

it('drops replies: what was asked is done, and the connection does not outlive the hole in it', async (t) => {
  const { proxy, heard } = await begin(t);
  const { socket, closed, got } = await clientOf(t, proxy);
  proxy.dropReplies();
  socket.write('a');
  await eventually('the server heard it', () => heard() === 'a');
  await turns();
  assert.equal(got(), '');
  await proxy.pass();
  assert.equal(await closed, 'ECONNRESET');
});

it('slow: each byte comes so much later, no faster than it says, and none is lost', async (t) => {
  const { proxy } = await begin(t);
  const { socket, gets, got } = await clientOf(t, proxy);
  proxy.slow({ latencyMs: 50 });
  let since = performance.now();
  socket.write('a');
  await gets('re:a');
  assert.ok(performance.now() - since >= 99, `${performance.now() - since} ms there and back`);
  proxy.slow({ bytesPerSecond: 10_000 });
  const long = 'x'.repeat(1000);
  since = performance.now();
  socket.write(long);
  socket.write('y');
  await eventually('all came', () => got().replaceAll('re:', '') === `a${long}y`);
  assert.ok(performance.now() - since >= 99, `${performance.now() - since} ms for 1000 bytes`);
});

it('a server that is not there is a connection that is reset', async (t) => {
  const proxy = await startFaultProxy(t, { port: 1 });
  const { closed } = await clientOf(t, proxy);
  assert.equal(await closed, 'ECONNRESET');
});

/** Time enough for what is not held back to come through on this machine. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}
