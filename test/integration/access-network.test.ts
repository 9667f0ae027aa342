import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestNode, type TestNode } from '../support/node.ts';
import { outsideAddress } from '../support/outside-address.ts';
import { refusalOf } from '../support/token-node.ts';
import { connect, join, paths } from '../support/ws-clients.ts';
import { dialectNames, writeRequest } from '../support/ws-decode.ts';

/** Reached by this, a node sees a client from elsewhere: not from loopback. */
const address = outsideAddress();
const push = '{"action":"x"}';

async function ask(node: TestNode, path: string, headers: Record<string, string> = {}, method = 'POST') {
  const body = method === 'POST' ? push : null;
  const answer = await fetch(`http://${address}:${node.port}${path}`, { method, headers, body });
  return { status: answer.status, text: await answer.text() };
}

const outside = (node: TestNode, dialect: (typeof dialectNames)[number], host = address) => ({
  url: `ws://${host}:${node.port}${paths[dialect]}`,
});

async function bindFails(node: TestNode, words: RegExp): Promise<void> {
  for (const dialect of dialectNames.slice(1)) {
    const client = await connect(node, dialect, outside(node, dialect));
    client.send(writeRequest(dialect, 'client_bind', { uid: 'alice' }));
    const { code, message } = await refusalOf(client);
    assert.equal(code, 4500);
    assert.match(message, words);
  }
}

test('a node as it comes is closed to other machines: they connect and listen, and may nothing else', async () => {
  await using node = await startTestNode();
  const hint = new RegExp(
    `${address.replaceAll('.', '\\.')} is not trusted; add its network to auth\\.trustedNetworks`,
  );
  for (const path of ['/send/all', '/api/register', '/api/message/send?action=a&sender=s&receiver=r']) {
    const { status, text } = await ask(node, path);
    assert.equal(status, 403, path);
    assert.match(text, hint);
  }
  assert.equal((await ask(node, '/getOnlineUser', {}, 'GET')).status, 403);
  assert.equal((await ask(node, '/metrics', {}, 'GET')).status, 403);
  assert.equal((await ask(node, '/admin/v1/stats', {}, 'GET')).status, 401);
  assert.deepEqual(await ask(node, '/healthz', {}, 'GET'), { status: 200, text: 'ok' });
  assert.deepEqual(await ask(node, '/readyz', {}, 'GET'), { status: 200, text: 'ok' });
  await bindFails(node, hint);
  const listener = await join(node, 'json', outside(node, 'json'));
  assert.equal((await fetch(`${node.url}/send/all`, { method: 'POST', body: push })).status, 200);
  await listener.message();
  await listener.close();
});

test('a network of auth.trustedNetworks may what this machine may: push, bind, register, see figures; never the admin API', async () => {
  await using node = await startTestNode({ set: [`auth.trustedNetworks=${address}/32`] });
  assert.equal((await ask(node, '/send/all')).status, 200);
  assert.equal((await ask(node, '/metrics', {}, 'GET')).status, 200);
  for (const dialect of dialectNames.slice(1)) {
    const client = await join(node, dialect, outside(node, dialect));
    await client.close();
  }
  assert.equal((await ask(node, '/admin/v1/stats', {}, 'GET')).status, 401);
  for (const headers of [{ 'X-Forwarded-For': address }, { Via: '1.1 x' }, { Origin: 'https://evil.example' }]) {
    assert.equal((await ask(node, '/send/all', headers as Record<string, string>)).status, 403);
  }
  await node.admin.addSystem('shop');
  assert.equal((await ask(node, '/send/all', { SystemId: 'shop' })).status, 200);
  await node.admin.rotateKey({ owner: 'system', system: 'shop', role: 'read' });
  const { status, text } = await ask(node, '/send/all', { SystemId: 'shop' });
  assert.equal(status, 401);
  assert.match(text, /this system takes a key/);
});

test('no network of auth.trustedNetworks is loopback, not even all of them', async () => {
  await using node = await startTestNode({ set: ['auth.trustLoopback=false', 'auth.trustedNetworks=0.0.0.0/0,::/0'] });
  assert.equal((await ask(node, '/send/all')).status, 200);
  assert.equal((await fetch(`${node.url}/send/all`, { method: 'POST', body: push })).status, 403);
});
