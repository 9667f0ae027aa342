import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { eventually } from '../support/eventually.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { openRaw } from '../support/raw-client.ts';
import { clientFrame, opcode } from '../support/raw-frames.ts';

let node: TestNode;
before(async () => {
  node = await startTestNode({
    set: ['compression.enabled=true', 'compression.threshold=1KiB', 'limits.payload=64KiB', 'outbox.maxBytes=4MiB'],
  });
});
after(() => node[Symbol.asyncDispose]());

/** A client that offers compression as browsers do, with the texts it has heard. */
async function join(path: string) {
  const ws = new WebSocket(`${node.ws}${path}`);
  const heard: { msg?: string; data?: unknown }[] = [];
  ws.on('message', (data) => heard.push(JSON.parse(data.toString())));
  ws.on('error', () => {});
  const upgraded = once(ws, 'upgrade') as Promise<[{ headers: Record<string, string>; socket: Socket }]>;
  const [{ headers, socket }] = await upgraded;
  if (ws.readyState !== WebSocket.OPEN) await once(ws, 'open');
  return { ws, heard, socket, extensions: headers['sec-websocket-extensions'] };
}

const send = (msg: string, data: string) => node.admin.send({ target: { to: 'system' }, push: { msg, data } });

test('messages of the threshold and above are compressed, each by itself; all keep their order', async () => {
  const { ws, heard, socket, extensions } = await join('/ws');
  assert.match(
    extensions ?? '',
    /^permessage-deflate; (?=.*server_no_context_takeover)(?=.*client_no_context_takeover)/,
  );
  await eventually('1 were heard', () => heard.length === 1);
  const before = socket.bytesRead;
  const large = 'lark '.repeat(10_000);
  const sent = Array.from({ length: 60 }, (_, at) => ({ msg: String(at), data: at % 3 === 0 ? large : `small ${at}` }));
  for (const { msg, data } of sent) await send(msg, data);
  await eventually('61 were heard', () => heard.length === 61);
  assert.deepEqual(
    heard.slice(1).map(({ msg, data }) => ({ msg, data })),
    sent,
  );
  assert.ok(socket.bytesRead - before < large.length, `${socket.bytesRead - before} bytes came`);
  ws.send('{"key":"ping"}'.padEnd(5000));
  await eventually('62 were heard', () => heard.length === 62);
  ws.close();
  await once(ws, 'close');
});

test('who is told to go hears first what was sent before', async () => {
  const { ws, heard } = await join('/ws');
  await eventually('1 were heard', () => heard.length === 1);
  const closed = once(ws, 'close');
  const large = 'lark '.repeat(10_000);
  const { clientId } = (heard[0]?.data ?? {}) as { clientId?: string };
  await Promise.all(Array.from({ length: 5 }, (_, at) => send(String(at), large)));
  await node.admin.kickConnection(clientId ?? '');
  const [code] = await closed;
  assert.equal(code, 4503);
  assert.equal(heard.length, 6);
});

test('who has still to bind gets no compression, as nobody does who did not ask', async () => {
  const stranger = await join('/yunque');
  assert.equal(stranger.extensions, undefined);
  stranger.ws.terminate();
  const plain = new WebSocket(`${node.ws}/ws`, { perMessageDeflate: false });
  await once(plain, 'open');
  assert.equal(plain.extensions, '');
  plain.terminate();
});

test('a message that is too large once it is inflated closes its sender with 1009', async () => {
  const raw = await openRaw(node.port);
  raw.socket.write(
    'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
  );
  const bomb = deflateRawSync(Buffer.alloc(50_000_000));
  assert.ok(bomb.length < 60_000);
  const rsv1 = 0x40;
  raw.socket.write(clientFrame(opcode.text, bomb, { reserved: rsv1 }));
  assert.equal(await raw.closeCode(), 1009);
});

test('who stops reading is closed with 4008 as everybody is', async () => {
  const { ws } = await join('/ws');
  ws.pause();
  const closed = once(ws, 'close');
  // What does not compress: random digits.
  const noise = Array.from({ length: 3000 }, (_, at) => Math.sin(at).toString(36)).join('');
  for (let sent = 0; ; sent += 1) {
    assert.ok(sent < 4000, 'the kernel took it all');
    const receipts = await Promise.all(Array.from({ length: 8 }, () => send('noise', noise)));
    if (receipts.some(({ dropped }) => dropped.slow_consumer !== undefined)) break;
    if ((await node.admin.stats()).nodes[0]?.connections === 0) break;
  }
  ws.resume();
  const [code] = await closed;
  assert.equal(code, 4008);
});
