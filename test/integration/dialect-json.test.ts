import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestNode, type TestNode } from '../support/node.ts';
import { refusal } from '../support/refusal.ts';
import { connect, connectRefused, join } from '../support/ws-clients.ts';

let node: TestNode;
before(async () => {
  node = await startTestNode({
    set: ['heartbeat.json.pingInterval=300ms', 'heartbeat.json.timeout=200ms', 'limits.payload=1KiB'],
  });
});
after(() => node[Symbol.asyncDispose]());

test('the first frame is success with the clientId, in go-websocket’s order', async () => {
  const client = await join(node, 'json');
  assert.match(client.clientId, /^[A-Za-z0-9+/]{43}=$|^[A-Za-z0-9+/]{64}$/);
  const [hello] = client.frames;
  assert.equal(hello?.raw.toString(), `{"code":0,"msg":"success","data":{"clientId":"${client.clientId}"}}`);
  assert.equal(hello?.isBinary, false);
  assert.deepEqual((await node.admin.connection(client.clientId)).dialect, 'json');
  await client.close();
});

test('every connection has a clientId of its own', async () => {
  const clients = await Promise.all(Array.from({ length: 20 }, () => join(node, 'json')));
  assert.equal(new Set(clients.map((client) => client.clientId)).size, 20);
  await Promise.all(clients.map((client) => client.close()));
});

test('an application’s ping is answered with pong, byte for byte', async () => {
  const client = await join(node, 'json');
  client.send('{"key":"ping"}');
  const pong = await client.reply('pong');
  assert.equal(pong.raw.toString(), '{"key":"pong"}');
  await client.close();
});

test('a request no route takes is answered 404 with its key', async () => {
  const client = await join(node, 'json');
  const { body } = await client.request('orders', { page: '1' });
  assert.equal(body['code'], 404);
  assert.deepEqual(Object.keys(body), ['code', 'msg', 'data', 'key']);
  await client.close();
});

test('the internal key client_closed is refused', async () => {
  const client = await join(node, 'json');
  assert.equal((await client.request('client_closed')).body['code'], 403);
  assert.equal(client.ended, undefined);
  await client.close();
});

test('anything else a client sends is ignored, counted, and never answered', async () => {
  const client = await join(node, 'json');
  const before = (await node.admin.stats()).nodes[0]?.ignoredFrames ?? 0;
  const odd = [
    '',
    'hello',
    '[]',
    '{}',
    'null',
    '{"key":7}',
    '{"key":"x"}',
    '{"key":"","data":{}}',
    '{"key":"a","data":[]}',
  ];
  for (const text of odd) client.send(text);
  client.ws.send(Buffer.from([0xff, 0xfe]), { binary: true });
  client.send('{"key":"ping"}');
  await client.reply('pong');
  assert.equal(client.frames.length, 2);
  assert.equal(((await node.admin.stats()).nodes[0]?.ignoredFrames ?? 0) - before, odd.length + 1);
  await client.close();
});

test('a connection that answers pings lives through many of them', async () => {
  const client = await join(node, 'json');
  await client.until(() => (client.pingFrames >= 4 ? true : undefined), 'fourth ping');
  assert.equal(client.ended, undefined);
  await client.close();
});

test('a connection that answers no ping is closed with 4012 and counted', async () => {
  const client = await join(node, 'json', { autoPong: false });
  assert.deepEqual(await client.closed, { code: 4012, reason: 'no heartbeat in time' });
  assert.equal(client.pingFrames, 1);
  assert.ok(((await node.admin.stats()).nodes[0]?.disconnects['4012'] ?? 0) >= 1);
});

test('any frame counts as a sign of life, not only pongs', async () => {
  const client = await join(node, 'json', { autoPong: false });
  client.ws.on('ping', () => client.send('still here'));
  await client.until(() => (client.pingFrames >= 4 ? true : undefined), 'fourth ping');
  assert.equal(client.ended, undefined);
  await client.close();
});

test('the ping comes also while pushes flow', async () => {
  const client = await join(node, 'json', { autoPong: false });
  let sent = 0;
  while (client.ended === undefined && sent < 10_000) {
    await node.admin.send({ target: { to: 'connections', ids: [client.clientId] }, push: { msg: `${sent}` } });
    sent += 1;
  }
  assert.equal((await client.closed).code, 4012);
});

test('without systemId a connection belongs to default', async () => {
  const client = await join(node, 'json');
  assert.equal((await node.admin.connection(client.clientId)).system, 'default');
  await client.close();
});

test('with systemId it belongs to that system and is not found in default', async () => {
  await node.admin.addSystem('tenant');
  const client = await join(node, 'json', { system: 'tenant' });
  assert.equal((await node.admin.connection(client.clientId, { system: 'tenant' })).system, 'tenant');
  await assert.rejects(node.admin.connection(client.clientId), refusal('unknown_client'));
  await client.close();
});

test('an unknown system is told so in go-websocket’s words and closed', async () => {
  for (const system of ['nowhere', '$probe', '__proto__', ' ', 'default ']) {
    const client = await connect(node, 'json', { system });
    await client.closed;
    assert.equal(client.frames.length, 1);
    assert.equal(
      client.frames[0]?.raw.toString(),
      '{"messageId":"","sendUserId":"","code":-1001,"msg":"系统ID不正确","data":[]}',
    );
    assert.equal(client.ended?.code, 4507);
  }
});

test('where systems are required a connection that names none is told so and closed', async () => {
  await using strict = await startTestNode({ set: ['systems.required=true'] });
  for (const url of [`${strict.ws}/ws`, `${strict.ws}/ws?systemId=`]) {
    const client = await connect(strict, 'json', { url });
    await client.closed;
    assert.equal(
      client.frames[0]?.raw.toString(),
      '{"messageId":"","sendUserId":"","code":-1001,"msg":"系统ID不能为空","data":[]}',
    );
    assert.equal(client.frames.length, 1);
  }
  const named = await join(strict, 'json', { system: 'default' });
  await named.close();
  // CIM's clients cannot name a system.
  const cim = await join(strict, 'cim');
  await cim.close();
});

test('a token is refused where no token source is configured: 401, then 4500', async () => {
  const client = await connect(node, 'json', { url: `${node.ws}/ws?token=abc` });
  assert.equal((await client.closed).code, 4500);
  assert.equal(client.frames[0]?.body['code'], 401);
  assert.equal(client.frames.length, 1);
});

test('a forwarded connection may still listen: json needs no trust', async () => {
  const client = await join(node, 'json', { headers: { 'X-Forwarded-For': '203.0.113.9' } });
  await client.close();
});

test('a message above the limit closes with 1009, one at the limit does not', async () => {
  const client = await join(node, 'json');
  client.send('x'.repeat(1024));
  client.send('{"key":"ping"}');
  await client.reply('pong');
  client.send('x'.repeat(1025));
  assert.equal((await client.closed).code, 1009);
});

test('text that is not UTF-8 closes with 1007', async () => {
  const client = await join(node, 'json');
  client.ws.send(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { binary: false });
  assert.equal((await client.closed).code, 1007);
});

test('a subprotocol overrides the path and is confirmed', async () => {
  const client = await join(node, 'json', {
    url: `${node.ws}/cim`,
    protocols: ['unheard.of', 'yunque.json', 'cim.json'],
  });
  assert.equal(client.ws.protocol, 'yunque.json');
  await client.close();
});

test('a path that speaks nothing answers 404, subprotocol or not', async () => {
  assert.equal((await connectRefused(node, 'json', { url: `${node.ws}/nothing` })).status, 404);
  assert.equal(
    (await connectRefused(node, 'json', { url: `${node.ws}/nothing`, protocols: ['yunque.json'] })).status,
    404,
  );
  assert.equal((await connectRefused(node, 'json', { url: `${node.ws}/ws/` })).status, 404);
  assert.equal((await connectRefused(node, 'json', { url: `${node.ws}/__proto__` })).status, 404);
});
