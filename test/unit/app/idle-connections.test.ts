import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { trackIdle } from '../../../src/app/idle-connections.ts';
import { closeServer } from '../../../src/app/listeners.ts';
import { eventually } from '../../support/eventually.ts';

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** A connection to a server that answers at once, or never `/held`; its socket on the server's side, and a clock that stands still. */
async function connected(t: TestContext) {
  const server = createServer((request, response) => {
    if (request.url !== '/held') response.end('answered');
  });
  server.on('upgrade', (_, socket) => void socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  const clock = { ms: 0 };
  const endIdle = trackIdle(server, () => clock.ms);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => client.destroy());
  const [socket] = (await once(server, 'connection')) as [Socket];
  t.after(() => socket.destroy());
  t.after(() => closeServer(server));
  const answer = async (text: RegExp) => {
    let said = '';
    client.on('data', (data) => {
      said += data;
    });
    await eventually('an answer', () => text.test(said));
  };
  const afterwards = (ms: number) => {
    clock.ms += ms;
    endIdle();
    return socket.destroyed ? 'ended' : 'open';
  };
  return { client, socket, answer, afterwards };
}

describe('a connection that nobody needs', () => {
  test('is one that has asked nothing for a second', async (t) => {
    const { afterwards } = await connected(t);
    assert.deepEqual([afterwards(0), afterwards(999), afterwards(1)], ['open', 'open', 'ended']);
  });

  test('is one that was answered a second ago', async (t) => {
    const { client, answer, afterwards } = await connected(t);
    afterwards(900);
    client.write(get);
    await answer(/answered/);
    assert.deepEqual([afterwards(999), afterwards(1)], ['open', 'ended']);
  });

  test('is none whose request is coming', async (t) => {
    const { client, socket, answer, afterwards } = await connected(t);
    client.write(get);
    await answer(/answered/);
    client.write(get.slice(0, 9));
    await eventually('its bytes come', () => socket.bytesRead > get.length);
    assert.equal(afterwards(5000), 'open');
  });

  test('is none whose request has no answer yet, though an earlier one has', async (t) => {
    const { client, answer, afterwards } = await connected(t);
    client.write(get + get.replace('/', '/held'));
    await answer(/answered/);
    assert.equal(afterwards(5000), 'open');
  });

  test('is none that speaks WebSocket, silent as it may be', async (t) => {
    const { client, answer, afterwards } = await connected(t);
    client.write(get + get.replace('\r\n\r\n', '\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'));
    await answer(/101/);
    assert.equal(afterwards(5000), 'open');
  });
});
