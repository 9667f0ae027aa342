import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createAdminClient } from '../../../src/client/admin-client.ts';
import { ClientError } from '../../../src/client/client-error.ts';

test('a node that does not serve yet is unreachable, and no other service', async () => {
  const said = { body: '' };
  const server = createServer((_, response) => {
    response.writeHead(503, { 'Retry-After': '1', Connection: 'close' }).end(said.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createAdminClient({ url: `http://127.0.0.1:${port}`, key: 'k' });
  const kindOf = async () => {
    const error: unknown = await client.stats().catch((cause: unknown) => cause);
    assert.ok(error instanceof ClientError, String(error));
    return { kind: error.kind, is: error.situation?.is, exit: error.exit };
  };
  try {
    assert.deepEqual(await kindOf(), { kind: 'unreachable', is: 'not_serving', exit: 5 });
    said.body = '<h1>Service Unavailable</h1>';
    assert.equal((await kindOf()).kind, 'not_yunque');
  } finally {
    server.close();
  }
});
