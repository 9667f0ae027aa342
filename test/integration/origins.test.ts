import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestNode } from '../support/node.ts';
import { connect, connectRefused } from '../support/ws-clients.ts';
import { dialectNames } from '../support/ws-decode.ts';

const from = (Origin: string) => ({ headers: { Origin } });

test('with auth.origins only the pages of the list connect, in every dialect, and clients that are no browsers', async () => {
  await using node = await startTestNode({ set: ['auth.origins=https://app.example.com'] });
  for (const dialect of dialectNames) {
    for (const client of [
      await connect(node, dialect, from('https://app.example.com')),
      await connect(node, dialect, from('HTTPS://APP.example.com')),
      await connect(node, dialect),
    ]) {
      await client.close();
    }
    for (const origin of [
      'https://app.example.com.evil.com',
      'https://app.example.com.',
      'http://app.example.com',
      'null',
    ]) {
      const { status, body } = await connectRefused(node, dialect, from(origin));
      assert.equal(status, 403, origin);
      assert.match(body, /auth\.origins/);
    }
  }
  const [stats] = (await node.admin.stats()).nodes;
  assert.equal(stats?.refused['forbidden'], 4 * dialectNames.length);
});

test('without auth.origins every page connects', async () => {
  await using node = await startTestNode();
  const client = await connect(node, 'json', from('https://evil.example'));
  await client.close();
});
