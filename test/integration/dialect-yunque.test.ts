import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testBoundDialect } from '../support/bound-dialect-suite.ts';
import { replyFrame, wrongBinaryFrames } from '../support/hand-made-frames.ts';
import { startTestNode } from '../support/node.ts';
import { connectRefused, join } from '../support/ws-clients.ts';

testBoundDialect({
  dialect: 'yunque',
  subprotocol: 'yunque.protobuf',
  ping: Buffer.from([0x01, 0x50, 0x49, 0x4e, 0x47]),
  reply: replyFrame,
  wrong: wrongBinaryFrames,
});

test('the path / speaks yunque', async () => {
  await using node = await startTestNode();
  const client = await join(node, 'yunque', { url: `${node.ws}/` });
  assert.equal((await node.admin.connection(client.cid)).dialect, 'yunque');
});

test('a path taken out of the configuration is gone, one put in is there', async () => {
  await using node = await startTestNode({ set: ['paths={"/": null, "/push": "yunque"}'] });
  assert.equal((await connectRefused(node, 'yunque', { url: `${node.ws}/` })).status, 404);
  await join(node, 'yunque', { url: `${node.ws}/push` });
  await join(node, 'yunque');
});

test('a further listener speaks its own dialect on / and the usual ones on the other paths', async () => {
  await using node = await startTestNode({ set: ['listeners=[{port: 0, dialect: cim}, {port: 0, dialect: json}]'] });
  const [, cimPort, jsonPort] = node.node.ports;
  const cim = await join(node, 'cim', { url: `ws://127.0.0.1:${cimPort}/`, bind: { uid: 'alice' } });
  const json = await join(node, 'json', { url: `ws://127.0.0.1:${jsonPort}/` });
  const yunque = await join(node, 'yunque', { url: `ws://127.0.0.1:${cimPort}/yunque` });
  assert.equal((await node.admin.connections()).total, 3);
  const receipt = await node.admin.send({ target: { to: 'system' }, push: { msg: 'all ports' } });
  assert.equal(receipt.delivered, 3);
  await Promise.all([cim.message(), json.message(), yunque.message()]);
});
