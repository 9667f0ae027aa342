import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createAuthority } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { createRpcCluster, issueRpcTls, type TestPeers } from '../support/rpc-cluster.ts';

const quiet = { onJoin: () => {}, onLeave: () => {}, onTell: () => {}, onAsk: async () => Buffer.alloc(0) };

async function openSocket(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {}).resume();
  await once(socket, 'connect');
  return socket;
}

/** Of a call of gRPC that is begun, with a message that says it is so long and never ends. */
function startCall(session: ClientHttp2Session, announced: number) {
  const path = '/yunque.rpc.Peers/Link';
  const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
  const stream = session.request(headers, { endStream: false });
  stream.on('error', () => {});
  const head = Buffer.alloc(5);
  head.writeUInt32BE(announced, 1);
  stream.write(head);
  return stream;
}

const ways = ['in the clear', 'with TLS'] as const;

async function start(way: (typeof ways)[number]) {
  const authority = way === 'with TLS' ? await createAuthority() : undefined;
  const cluster = createRpcCluster({ tls: authority && (await issueRpcTls(authority, 'node')) });
  const peers = await cluster.join('a');
  await peers.start(quiet);
  return {
    ...{ cluster, peers },
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      await authority?.[Symbol.asyncDispose]();
    },
  };
}

async function assertOthersJoin(cluster: ReturnType<typeof createRpcCluster>, peers: TestPeers): Promise<void> {
  const other = await cluster.join('b');
  await other.start(quiet);
  await eventually('one of us joins', () => peers.nodes.length === 1);
}

for (const way of ways) {
  test(`strangers who say nothing are held in a bounded number, for a bounded time, and keep nobody of us out (${way})`, async () => {
    await using started = await start(way);
    const { cluster, peers } = started;
    const sockets: Socket[] = [];
    let most = 0;
    for (let opened = 0; opened < 300; opened += 1) {
      sockets.push(await openSocket(peers.port));
      most = Math.max(most, peers.strangers);
    }
    assert.ok(most <= 64, `${most} strangers`);
    await eventually('most have been cut off', () => sockets.filter(({ destroyed }) => destroyed).length >= 236);
    assert.ok(sockets[0]?.destroyed, 'the oldest first: one of us would come last');
    await assertOthersJoin(cluster, peers);
    await eventually('all have been cut off', () => sockets.every(({ destroyed }) => destroyed));
    assert.equal(peers.strangers, 0);
    assert.equal(peers.nodes.length, 1, 'who is one of us stays');
  });

  test(`a stranger who sends bytes is cut off soon (${way})`, async () => {
    await using started = await start(way);
    const socket = await openSocket(started.peers.port);
    const piece = Buffer.alloc(64 * 1024, 1);
    let sent = 0;
    while (!socket.destroyed && sent < 200 * 1024 * 1024) {
      if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
      sent += piece.length;
    }
    await eventually('it is cut off', () => socket.destroyed);
    assert.equal(started.peers.strangers, 0);
  });
}

test('a stranger who speaks gRPC is not listened to for long: neither a message that never ends nor many streams', async () => {
  await using started = await start('in the clear');
  const { peers } = started;
  const session = connectHttp2(`http://127.0.0.1:${peers.port}`);
  session.on('error', () => {});
  await once(session, 'remoteSettings');
  assert.equal(session.remoteSettings.maxConcurrentStreams, 1);
  const stream = startCall(session, 900_000);
  const piece = Buffer.alloc(16 * 1024);
  let sent = 0;
  while (!session.destroyed && sent < 900_000) {
    stream.write(piece);
    sent += piece.length;
    await delay(10);
  }
  assert.ok(session.destroyed && sent < 500_000, `${sent} bytes`);
  assert.equal(peers.strangers, 0);
});

test('a stranger who opens a stream and is silent is cut off in some seconds, its connection, too', async () => {
  await using started = await start('in the clear');
  const session = connectHttp2(`http://127.0.0.1:${started.peers.port}`);
  session.on('error', () => {});
  startCall(session, 10);
  await eventually('it is cut off', () => session.destroyed);
  assert.equal(started.peers.strangers, 0);
});
