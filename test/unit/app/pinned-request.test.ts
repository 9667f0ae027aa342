import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { pinnedTo } from '../../../src/app/pinned-request.ts';
import { readTlsPair } from '../../../src/app/tls-files.ts';
import { createAuthority } from '../../support/certificates.ts';

/** A server that answers 418 to upgrades and remembers whether one came. */
async function serve(t: TestContext) {
  const authority = await createAuthority();
  const [own, other] = [await authority.issue('own', { days: -1 }), await authority.issue('other')];
  const [cert, key] = await Promise.all([readFile(own.cert), readFile(own.key)]);
  let upgrades = 0;
  const server = createServer({ cert, key });
  server.on('upgrade', (_request, socket) => {
    upgrades += 1;
    socket.end("HTTP/1.1 418 I'm a teapot\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await authority[Symbol.asyncDispose]();
  });
  const url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}/ws`;
  const connect = async (fingerprint: string | undefined) => {
    const client = new WebSocket(url, { headers: { secret: 's' }, ...pinnedTo(() => fingerprint) });
    const [error] = (await once(client, 'error')) as [Error];
    return error.message;
  };
  return {
    connect,
    upgrades: () => upgrades,
    own: readTlsPair(own).fingerprint,
    other: readTlsPair(other).fingerprint,
  };
}

test('the very certificate is taken, though it has expired, is of nobody known and for another name', async (t) => {
  const { connect, upgrades, own } = await serve(t);
  assert.match(await connect(own), /418/);
  assert.equal(upgrades(), 1);
});

test('another certificate gets no request, and so no secret', async (t) => {
  const { connect, upgrades, other } = await serve(t);
  for (const fingerprint of [other, undefined]) {
    assert.equal(await connect(fingerprint), 'the certificate is not that of this node');
  }
  assert.equal(upgrades(), 0);
});
