import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startTestNode } from '../support/node.ts';
import { refusalOf, startTokenNode, urlWith } from '../support/token-node.ts';
import { connect, connectRefused, join } from '../support/ws-clients.ts';
import { dialectNames, writeRequest } from '../support/ws-decode.ts';

describe('auth.origins', () => {
  const listed = 'https://app.example';
  const resembling = [
    'https://app.example.evil.example',
    'https://evil-app.example',
    'https://sub.app.example',
    'https://app.example.',
    'https://app.example:8443',
    'http://app.example',
    'null',
  ];

  test('lets in the pages it lists and clients that are no browsers, and no other page, whatever token it has', async () => {
    await using held = await startTokenNode([`auth.origins=${listed}`]);
    const { node } = held;
    const token = await held.mint();
    for (const dialect of dialectNames) {
      for (const Origin of resembling) {
        const counted = (await node.admin.stats()).nodes[0]?.refused['forbidden'] ?? 0;
        for (const query of [{ systemId: 'open' }, { systemId: 'shop', token }]) {
          const url = urlWith(node, dialect, query);
          const { status, body } = await connectRefused(node, dialect, { url, headers: { Origin } });
          assert.equal(status, 403, Origin);
          assert.match(body, /this origin may not connect; add it to auth\.origins/);
        }
        assert.equal((await node.admin.stats()).nodes[0]?.refused['forbidden'], counted + 2);
      }
      for (const headers of [{ Origin: listed }, { Origin: 'HTTPS://APP.EXAMPLE' }, {}]) {
        await (await connect(node, dialect, { system: 'open', headers })).close();
      }
    }
  });

  test('never makes a page trusted for where it is: what it lists may connect, and binds with a token only', async () => {
    await using held = await startTokenNode([`auth.origins=${listed}`]);
    const { node } = held;
    for (const dialect of dialectNames.slice(1)) {
      const client = await connect(node, dialect, { system: 'open', headers: { Origin: listed } });
      client.send(writeRequest(dialect, 'client_bind', { uid: 'alice' }));
      const { code, message } = await refusalOf(client);
      assert.equal(code, 4500);
      assert.match(message, /a web page of another origin sent it/);
      const bind = { uid: 'alice', token: await held.mint(), channel: 'web', deviceId: 'd' };
      const bound = await join(node, dialect, { system: 'shop', headers: { Origin: listed }, bind });
      await bound.close();
    }
  });

  test('when empty keeps no page from connecting, and none is trusted', async () => {
    await using node = await startTestNode();
    for (const Origin of ['https://anywhere.example', 'null']) {
      await (await join(node, 'json', { headers: { Origin } })).close();
      const client = await connect(node, 'yunque', { headers: { Origin } });
      client.send(writeRequest('yunque', 'client_bind', { uid: 'alice' }));
      assert.equal((await refusalOf(client)).code, 4500);
    }
  });
});
