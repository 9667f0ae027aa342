import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { dialStream, type Frame } from '../../src/bus/rpc/frame-stream.ts';
import type { RpcNode } from '../../src/bus/rpc/members.ts';
import { RpcPeers } from '../../src/bus/rpc/peers.ts';
import { eventually } from '../support/eventually.ts';
import { createRpcCluster } from '../support/rpc-cluster.ts';

const nothing = { onTell: () => {}, onAsk: async () => Buffer.alloc(0), onJoin: () => {}, onLeave: () => {} };

async function joinAs(secret: Buffer, target: RpcPeers) {
  const node: RpcNode = { ...target.self, host: '127.0.0.1', port: target.port };
  const stranger = new RpcPeers({
    self: { id: 'stranger', incarnation: Number.MAX_SAFE_INTEGER },
    secret,
    host: '127.0.0.1',
    port: 0,
    members: { enter: async () => [node], watch: () => {} },
  });
  return { stranger, started: stranger.start(nothing) };
}

test('who has another secret joins nobody, and nobody joins it', async () => {
  await using cluster = createRpcCluster();
  const peers = await cluster.join('a');
  const joined: string[] = [];
  await peers.start({ ...nothing, onJoin: ({ id }) => joined.push(id) });
  const { stranger, started } = await joinAs(randomBytes(32), peers);
  await started;
  assert.deepEqual([joined, peers.nodes, stranger.nodes], [[], [], []]);
  await stranger.close();
});

test('who has the secret joins in the same way', async () => {
  const secret = randomBytes(32);
  await using cluster = createRpcCluster({ secret });
  const peers = await cluster.join('a');
  await peers.start(nothing);
  const { stranger, started } = await joinAs(secret, peers);
  await started;
  assert.deepEqual(
    stranger.nodes.map(({ id }) => id),
    ['a'],
  );
  await stranger.close();
});

test('who proves nothing is cut off, and what it sent is not read', async () => {
  await using cluster = createRpcCluster();
  const peers = await cluster.join('a');
  const heard: string[] = [];
  await peers.start({
    ...nothing,
    onTell: (_, bytes) => heard.push(String(bytes)),
    onJoin: ({ id }) => heard.push(id),
  });
  const hello = { version: 1, node: 'b', incarnation: 9, nonce: randomBytes(32) };
  const said: Frame[][] = [
    [{ items: [{ payload: Buffer.from('x') }] }],
    [{ hello }, { proof: randomBytes(32), items: [{ payload: Buffer.from('x') }] }],
    [{ hello: { ...hello, version: 99 } }],
    [{ hello: { ...hello, node: 'a' } }],
    [{ hello: { ...hello, nonce: randomBytes(8) } }],
    [{ hello }, { items: [{ payload: Buffer.from('x') }] }],
  ];
  for (const frames of said) {
    const stream = dialStream('127.0.0.1', peers.port);
    let hasEnded = false;
    stream.onFrame(() => {});
    stream.onEnd(() => {
      hasEnded = true;
    });
    for (const frame of frames) stream.write(frame);
    await eventually('it is cut off', () => hasEnded);
  }
  assert.deepEqual(heard, []);
});

test('a node shows no proof to somebody who took the port of another and does not know the secret', async () => {
  const seen: Buffer[] = [];
  const sockets: Socket[] = [];
  const squatter = createServer((socket) =>
    sockets.push(socket.on('data', (bytes) => seen.push(Buffer.from(bytes))).on('error', () => {})),
  );
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  const { port } = squatter.address() as { port: number };
  const secret = randomBytes(32);
  const peers = new RpcPeers({
    self: { id: 'b', incarnation: 2 },
    secret,
    host: '127.0.0.1',
    port: 0,
    members: { enter: async () => [{ id: 'a', incarnation: 1, host: '127.0.0.1', port }], watch: () => {} },
  });
  await peers.start(nothing);
  const all = Buffer.concat(seen);
  assert.ok(all.length > 0);
  assert.equal(all.includes(secret), false);
  assert.deepEqual(peers.nodes, []);
  await peers.close();
  for (const socket of sockets) socket.destroy();
  squatter.close();
});
