import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { ClientSocket } from '../../../src/transport/ws-socket.ts';
import { frame, opcodes } from '../../../src/wire/frame.ts';
import { eventually } from '../../support/eventually.ts';
import { openRaw } from '../../support/raw-client.ts';
import { clientFrame, opcode } from '../../support/raw-frames.ts';

/** A server of ws whose sockets are ours, and a client that reads frames by hand. */
async function open(t: TestContext) {
  const http = createServer();
  const server = new WebSocketServer({ noServer: true, clientTracking: false, WebSocket: ClientSocket<string> });
  const upgraded = new Promise<{ ws: ClientSocket<string>; socket: Socket }>((resolve) => {
    http.on('upgrade', (request, socket, head) => {
      server.handleUpgrade(request, socket, head, (ws) => resolve({ ws, socket: socket as Socket }));
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as { port: number };
  const client = await openRaw(port);
  await client.upgrade(port, '/');
  const { ws, socket } = await upgraded;
  t.after(() => {
    client.socket.destroy();
    http.close();
  });
  const heard: string[] = [];
  ws.client = 'alice';
  ws.door = {
    onMessage: (who, data, isBinary) => void heard.push(`${who.client}: ${data} ${isBinary}`),
    onSign: (who) => void heard.push(`${who.client}: sign`),
    onClose: (who, code, reason) => void heard.push(`${who.client}: ${code} ${reason}`),
  };
  return { ws, socket, client, heard };
}

describe('a client’s socket', () => {
  test('tells its door what happens, without a listener of its own', async (t) => {
    const { ws, client, heard } = await open(t);
    client.socket.write(clientFrame(opcode.text, Buffer.from('hello')));
    client.socket.write(clientFrame(opcode.ping, Buffer.alloc(0)));
    client.socket.write(clientFrame(opcode.pong, Buffer.alloc(0)));
    client.socket.write(clientFrame(opcode.close, Buffer.from('\x03\xe8bye', 'latin1')));
    assert.equal(await client.closeCode(), 1000);
    await eventually('the door heard of the end', () => heard.length === 4);
    assert.deepEqual(heard, ['alice: hello false', 'alice: sign', 'alice: sign', 'alice: 1000 bye']);
    assert.deepEqual(ws.eventNames(), []);
  });

  test('ends with the code of what its peer did wrong, and the error is nobody’s', async (t) => {
    const { client, heard } = await open(t);
    client.socket.write(clientFrame(opcode.text, Buffer.from([0xff])));
    await eventually('the close frame came', () => client.frames.length > 0);
    assert.equal(client.frames[0]?.payload.readUInt16BE(0), 1007);
    client.socket.destroy();
    await eventually('the door heard of the end', () => heard.length === 1);
    assert.deepEqual(heard, ['alice: 1006 ']);
  });
});

describe('what is relied on of ws:', () => {
  test('its own frames are unmasked, whole and at once on the socket, between those that are written there', async (t) => {
    const { ws, socket, client } = await open(t);
    // Three turns of both, in one write and in several.
    for (const isCorked of [true, false, true]) {
      if (isCorked) socket.cork();
      socket.write(frame(Buffer.from('ours'), opcodes.text));
      const waiting = socket.writableLength;
      ws.pong(Buffer.from('theirs'));
      if (isCorked) assert.equal(socket.writableLength - waiting, 2 + 'theirs'.length);
      socket.write(frame(Buffer.alloc(70_000, 'o'), opcodes.binary));
      ws.ping(Buffer.from('theirs too'));
      if (isCorked) socket.uncork();
    }
    socket.write(frame(Buffer.from('last'), opcodes.text));
    ws.close(4008, 'the end');
    await eventually('the close frame came', () => client.frames.at(-1)?.opcode === opcode.close);
    const turn = ['1 4', '10 6', '2 70000', '9 10'];
    assert.deepEqual(
      client.frames.map((each) => `${each.opcode} ${each.payload.length}`),
      [...turn, ...turn, ...turn, '1 4', '8 9'],
    );
  });

  test('it writes nothing by itself, but the answer to a ping and to a close', async (t) => {
    const { socket, client } = await open(t);
    const before = socket.bytesWritten;
    client.socket.write(clientFrame(opcode.text, Buffer.from('hello')));
    client.socket.write(clientFrame(opcode.pong, Buffer.alloc(0)));
    client.socket.write(clientFrame(opcode.ping, Buffer.from('x')));
    client.socket.write(clientFrame(opcode.close, Buffer.from([3, 232])));
    assert.equal(await client.closeCode(), 1000);
    assert.equal(socket.bytesWritten - before, 3 + 4);
  });

  test('it reads the socket by one listener, before which another sees the same bytes', async (t) => {
    const { socket, client, heard } = await open(t);
    assert.equal(socket.listenerCount('data'), 1);
    const seen: string[] = [];
    const first = clientFrame(opcode.text, Buffer.from('one'));
    socket.prependListener('data', (bytes: Buffer) => seen.push(`${bytes.equals(first)} ${heard.length}`));
    client.socket.write(first);
    while (heard.length === 0) await once(socket, 'data');
    assert.deepEqual(seen, ['true 0']);
  });

  test('its extensions are the empty text where none was negotiated', async (t) => {
    const { ws } = await open(t);
    assert.equal(ws.extensions, '');
  });
});
