import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grpcClient } from '../support/grpc-door.ts';
import { startTestNode } from '../support/node.ts';
import { join } from '../support/ws-clients.ts';

test('what is pushed by gRPC reaches clients of every dialect, and nobody of another system', async (t) => {
  await using node = await startTestNode({ set: ['grpc.port=0', 'grpc.host=127.0.0.1', 'systems.list=shop'] });
  const push = await grpcClient('push.proto', 'yunque.v1.Push', node.node.grpcPort ?? 0);
  t.after(() => push.raw.close());
  const bind = { uid: 'alice', channel: 'web', deviceId: 'd' };
  const alice = await join(node, 'yunque', { bind });
  const anonymous = await join(node, 'json');
  const stranger = await join(node, 'yunque', { bind, system: 'shop' });
  const proto = { id: '9007199254740993', action: 'chat', content: { text: 'hello' } };
  const one = await push.call('Send', { target: { users: { uids: ['alice'] } }, proto });
  assert.equal(one['delivered'], 1);
  const all = await push.call('Send', { target: { everyone: {} }, push: { msg: 'to all', data: '{"n":1.0}' } });
  assert.equal(all['delivered'], 2);
  assert.equal(String((await alice.message()).body['id']), proto.id);
  assert.equal((await anonymous.message()).raw.includes('"data":{"n":1.0}'), true);
  await push.call('Send', { target: { users: { uids: ['alice'] } }, proto }, { systemid: 'shop' });
  await stranger.message();
  assert.equal(stranger.messages.length, 1);
});
