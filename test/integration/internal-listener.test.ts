import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { createAuthority } from '../support/certificates.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { connect, connectRefused, join } from '../support/ws-clients.ts';
import { cli } from '../unit/cli/run-cli.ts';

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly ca?: string;
}

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

function ask(origin: string | undefined, path: string, { method = 'GET', headers = {}, body, ca }: Asked = {}) {
  const url = new URL(path, origin);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise<Answer>((resolve, reject) => {
    request(url, { method, headers, agent: false, ...(ca !== undefined && { ca }) }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() });
    })
      .on('error', reject)
      .end(body);
  });
}

const set = ['host=127.0.0.1', 'internal.listen=127.0.0.1:0', 'listeners=[{port: 0, dialect: cim-json}]'];
/** What nobody is trusted with for where he is. */
const forwarded = { 'X-Forwarded-For': '192.0.2.1' };

let node: TestNode;
let internal: string | undefined;
let bearer: { readonly authorization: string };
before(async () => {
  node = await startTestNode({ set });
  internal = node.node.internalAddresses[0];
  bearer = { authorization: `Bearer ${(await readFile(node.node.operator.keyFile ?? '', 'utf8')).trim()}` };
});
after(() => node[Symbol.asyncDispose]());

describe('the public ports', () => {
  test('answer 404 to every plain request, with the right key too, and say where HTTP is', async () => {
    const asked: [string, Asked][] = [
      ['/healthz', {}],
      ['/readyz', {}],
      ['/metrics', { headers: bearer }],
      ['/admin/v1/stats', { headers: bearer }],
      ['/ws', {}],
      ['/nothing', {}],
      ['/api/send_to_system', { method: 'POST', body: '{"data":1}', headers: { SystemId: 'default' } }],
      ['/send/all', { method: 'POST', body: '{"action":"chat"}' }],
      ['/metrics', { headers: { upgrade: 'h2c', connection: 'upgrade' } }],
    ];
    for (const port of node.node.ports) {
      for (const [path, options] of asked) {
        const { status, text } = await ask(`http://127.0.0.1:${port}`, path, options);
        assert.equal(status, 404, path);
        const { error } = JSON.parse(text);
        assert.equal(error.code, 'not_found');
        assert.match(error.hint, /internal\.listen/);
      }
    }
  });

  test('count and tell of such requests, without their query', async () => {
    const [before] = (await node.admin.stats()).nodes;
    await ask(node.url, '/secret?token=abc');
    const [stats] = (await node.admin.stats()).nodes;
    assert.equal(stats?.refused['not_found'], (before?.refused['not_found'] ?? 0) + 1);
    for await (const item of node.admin.events({ backlog: 1, types: ['refused'] })) {
      if (item.type !== 'event' || item.event.type !== 'refused') continue;
      assert.deepEqual([item.event.what, item.event.remoteAddress], ['GET /secret', '127.0.0.1']);
      break;
    }
  });

  test('carry WebSocket, bind as ever, and deliver what is pushed elsewhere', async () => {
    const client = await join(node, 'yunque');
    const body = JSON.stringify({ receiver: client.bound['uid'], action: 'chat', content: { a: '1' } });
    const { status } = await ask(internal, '/send', { method: 'POST', body });
    assert.equal(status, 200);
    await client.message();
    await client.close();
  });
});

describe('the internal listener', () => {
  test('has the probes and every API, judged as ever', async () => {
    assert.deepEqual(await ask(internal, '/healthz'), { status: 200, text: 'ok' });
    assert.deepEqual(await ask(internal, '/readyz'), { status: 200, text: 'ok' });
    assert.equal((await ask(internal, '/admin/v1/stats')).status, 401);
    assert.equal((await ask(internal, '/admin/v1/stats', { headers: bearer })).status, 200);
    const push = { method: 'POST', body: '{"data":1}' };
    const system = { SystemId: 'default' };
    assert.equal((await ask(internal, '/api/send_to_system', { ...push, headers: system })).status, 200);
    const { status } = await ask(internal, '/api/send_to_system', { ...push, headers: { ...system, ...forwarded } });
    assert.equal(status, 403);
  });

  test('gives the figures to whoever reaches it, and a wrong key none', async () => {
    const { status, text } = await ask(internal, '/metrics', { headers: forwarded });
    assert.equal(status, 200);
    assert.match(text, /^yunque_/m);
    const wrong = { authorization: 'Bearer wrong-wrong-wrong' };
    assert.equal((await ask(internal, '/metrics', { headers: wrong })).status, 401);
  });

  test('carries no WebSocket', async () => {
    const url = `${internal?.replace('http', 'ws')}/ws`;
    assert.equal((await connectRefused(node, 'json', { url })).status, 404);
  });

  test('is not needed by the operator of this machine', async () => {
    const { socketFile = '' } = node.node.operator;
    assert.equal((await cli(['stats', '-s', `unix:${socketFile}`])).exit, 0);
    const refused = await cli(['stats', '-s', node.url]);
    assert.notEqual(refused.exit, 0);
    assert.match(refused.err, /this port carries WebSocket only.*\n.*internal listener/);
  });
});

test('without an internal listener nobody gets the figures for the port he came by', async () => {
  await using plain = await startTestNode();
  assert.deepEqual(plain.node.internalAddresses, []);
  assert.equal((await ask(plain.url, '/metrics', { headers: forwarded })).status, 403);
});

test('with internal.tls it speaks TLS, and is known as internal all the same', async () => {
  await using authority = await createAuthority();
  const { cert, key } = await authority.issue('node');
  const ca = await readFile(authority.file, 'utf8');
  await using secured = await startTestNode({
    set: [...set, `tls.cert=${cert}`, `tls.key=${key}`, 'internal.tls=true'],
  });
  const [origin] = secured.node.internalAddresses;
  assert.match(origin ?? '', /^https:/);
  assert.equal((await ask(origin, '/metrics', { ca, headers: forwarded })).status, 200);
  await assert.rejects(ask(origin?.replace('https', 'http'), '/healthz'));
});

test('with TLS on the ports and not on the internal listener, that one is plain', async () => {
  await using authority = await createAuthority();
  const { cert, key } = await authority.issue('node');
  await using mixed = await startTestNode({ set: [...set, `tls.cert=${cert}`, `tls.key=${key}`] });
  assert.match(mixed.node.addresses[0] ?? '', /^https:/);
  assert.deepEqual(await ask(mixed.node.internalAddresses[0], '/readyz'), { status: 200, text: 'ok' });
  const client = connect(mixed, 'json', { url: `${mixed.ws}/ws` });
  await assert.rejects(client);
});
