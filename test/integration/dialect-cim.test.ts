import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testBoundDialect } from '../support/bound-dialect-suite.ts';
import { replyFrame, wrongBinaryFrames } from '../support/hand-made-frames.ts';
import { startTestNode } from '../support/node.ts';
import { join } from '../support/ws-clients.ts';

testBoundDialect({
  dialect: 'cim',
  subprotocol: 'cim.protobuf',
  ping: Buffer.from([0x01, 0x50, 0x49, 0x4e, 0x47]),
  reply: replyFrame,
  wrong: wrongBinaryFrames,
});

test('a client that comes back within milliseconds, again and again, always finds its place', async () => {
  await using node = await startTestNode();
  const bind = { uid: 'alice', channel: 'web', deviceId: 'd1', deviceName: 'Chrome' };
  for (let round = 0; round < 30; round += 1) {
    const client = await join(node, 'cim', { bind });
    client.ws.terminate();
    await client.closed;
  }
  const last = await join(node, 'cim', { bind });
  await last.until(() => (last.ended === undefined ? true : undefined), 'place');
  const receipt = await node.admin.send({ target: { to: 'users', uids: ['alice'] }, push: { msg: 'hello' } });
  assert.ok(receipt.delivered >= 1);
  await last.message();
});
