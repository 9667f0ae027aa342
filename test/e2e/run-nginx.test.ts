import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { settings as schema } from '../../src/config/schema.ts';
import { eventually } from '../support/eventually.ts';
import { shippedSite } from '../support/nginx-site.ts';
import { startNginx } from '../support/services/nginx.ts';
import { shipped, unitSettings, variables } from '../support/unit-file.ts';
import { createYunque } from './cli-binary.ts';

const site = shipped('configs/nginx.conf');
/** What the shipped unit, supervisor file, image and Kubernetes example all set. */
const shippedTrust = variables(unitSettings(shipped('configs/systemd/yunque.service')).get('Environment') ?? []);

/** What a backend or an operator may ask for. */
const privileged: readonly [method: string, path: string, body: string | undefined][] = [
  ['POST', '/send', '{"receiver":"alice","action":"chat"}'],
  ['POST', '/send/all', '{"action":"chat"}'],
  ['POST', '/api/send_to_system', '{"data":1}'],
  ['POST', '/api/register', '{"systemId":"shop"}'],
  ['POST', '/api/message/send', '{"sender":"bob","receiver":"alice","action":"chat"}'],
  ['GET', '/getOnlineUser', undefined],
  ['GET', '/admin/v1/stats', undefined],
  ['GET', '/admin/v1/openapi.json', undefined],
  ['GET', '/metrics', undefined],
];

async function statusOf(url: string, [method, path, body]: (typeof privileged)[number], headers = {}): Promise<number> {
  const all = { SystemId: 'default', ...headers };
  const response = await fetch(url + path, { method, headers: all, ...(body !== undefined && { body }) });
  await response.arrayBuffer();
  return response.status;
}

describe('the nginx file, in front of a node', { timeout: 120_000 }, () => {
  it('lets WebSocket through in every dialect, both ways, until the node drains', async (t) => {
    const yunque = await createYunque(t);
    const node = await yunque.serve([], { env: shippedTrust });
    const nginx = await startNginx(t, shippedSite(node.port));
    const url = `ws://127.0.0.1:${nginx.port}`;
    const others = ['/', '/yunque', '/cim', '/cim-json'].map((path) => new WebSocket(url + path));
    const closed = others.map((socket) => once(socket, 'close'));
    await Promise.all(others.map((socket) => once(socket, 'open')));

    const json = yunque.start(['connect', `${url}/ws`], { stdin: 'open' });
    await json.says('clientId');
    assert.equal((await yunque.run(['send', '--all', 'through nginx'])).code, 0);
    await json.says('through nginx');
    json.process.stdin?.write('nothing {"a":1}\n');
    await json.says('404');

    node.process.kill('SIGTERM');
    assert.match((await json.done).err, /closed 4001/);
    for (const [code] of await Promise.all(closed)) assert.equal(code, 4001);
    assert.equal((await node.done).code, 0);
  });

  it('keeps push, admin, metrics and probes from the world, with a right key too', async (t) => {
    const yunque = await createYunque(t);
    const { port } = await yunque.serve([], { env: shippedTrust });
    const nginx = await startNginx(t, shippedSite(port));
    const front = nginx.port;
    const key = (await readFile(join(yunque.home, 'run/yunque', `${port}.key`), 'utf8')).trim();
    const headers = { Authorization: `Bearer ${key}` };
    const node = `http://127.0.0.1:${port}`;
    const proxied = `http://127.0.0.1:${front}`;
    for (const request of [
      ...privileged,
      ['GET', '/healthz', undefined] as const,
      ['GET', '/readyz', undefined] as const,
    ]) {
      assert.equal(await statusOf(node, [...request], headers), 200, `${request[1]} without nginx`);
      assert.equal(await statusOf(proxied, [...request], headers), 404, request[1]);
      const upgrading = await rawStatus(front, `GET ${request[1]} HTTP/1.1`);
      assert.equal(upgrading, 404, `${request[1]} with an Upgrade`);
    }
    // WebSocket paths take nothing but WebSocket, and no spelling of another path is one of theirs.
    for (const path of ['/ws', '/', '/yunque']) assert.equal(await statusOf(proxied, ['POST', path, '{}']), 404, path);
    for (const path of ['/ws/../send', '//send', '/ws/%2e%2e/send', '/WS']) {
      assert.notEqual(await rawStatus(front, `POST ${path} HTTP/1.1`), 200, path);
    }
    // nginx itself refused them: the node was asked nothing.
    const requests = 2 * (privileged.length + 2) + 3 + 4;
    const lines = async () => (await nginx.log('yunque.access.log')).trim().split('\n');
    await eventually('all are logged', async () => (await lines()).length === requests);
    for (const line of await lines()) assert.match(line, /" 404 \d+ \S+ upstream=-,- "/);
  });

  it('writes no query into any log, where the node answers and where it is gone', async (t) => {
    const yunque = await createYunque(t);
    const node = await yunque.serve([], { env: shippedTrust });
    const nginx = await startNginx(t, shippedSite(node.port));
    const upgrade = () => rawStatus(nginx.port, 'GET /ws?token=a-secret-one HTTP/1.1');
    assert.equal(await upgrade(), 101);
    node.process.kill('SIGTERM');
    await node.done;
    assert.equal(await upgrade(), 502);
    assert.equal(await rawStatus(nginx.port, 'GET /other?token=a-secret-one HTTP/1.1'), 404);
    await eventually('it is logged', async () => (await nginx.log('yunque.access.log')).trim().split('\n').length >= 3);
    const log = await nginx.log('yunque.access.log');
    assert.match(log, /"GET \/ws HTTP\/1\.1" 101 /);
    assert.match(log, /"GET \/ws HTTP\/1\.1" 502 /);
    assert.doesNotMatch(await nginx.everyLog(), /secret/);
  });

  it('says that it is a proxy, so that nobody binds a user for where nginx is', async (t) => {
    const yunque = await createYunque(t);
    const node = await yunque.serve();
    const nginx = await startNginx(t, shippedSite(node.port));
    const bind = ['connect', '--uid', 'alice', '--exit-after', '500ms'];
    const direct = await yunque.run([...bind, `ws://127.0.0.1:${node.port}/yunque`]);
    assert.equal(direct.code, 0, direct.err);
    const proxied = await yunque.run([...bind, `ws://127.0.0.1:${nginx.port}/yunque`]);
    assert.notEqual(proxied.code, 0, proxied.out);
    assert.match(proxied.out + proxied.err, /x-forwarded-for/);
  });

  it('tells whom each client is, where the node trusts it to: nobody can say so himself', async (t) => {
    const yunque = await createYunque(t);
    const addressesBehind = async (args: readonly string[]) => {
      const node = await yunque.serve(args, { env: shippedTrust });
      const nginx = await startNginx(t, shippedSite(node.port));
      const lie = { headers: { 'X-Forwarded-For': '192.0.2.1' }, localAddress: '127.0.0.2' };
      const client = new WebSocket(`ws://127.0.0.1:${nginx.port}/ws`, lie);
      t.after(() => client.terminate());
      await once(client, 'message');
      const { out } = await yunque.run(['client', 'ls', '-s', String(node.port), '--json']);
      return (JSON.parse(out).items as { remoteAddress: string }[]).map(({ remoteAddress }) => remoteAddress);
    };
    assert.deepEqual(await addressesBehind(['--set', 'proxy.trusted=127.0.0.1']), ['127.0.0.2']);
    assert.deepEqual(await addressesBehind([]), ['127.0.0.1']);
  });

  it('waits longer than the heartbeats', () => {
    const seconds = (text: string | undefined) => Number(/^(\d+)s$/.exec(text ?? '')?.[1]);
    const silences = [
      seconds(schema['heartbeat.json.pingInterval'].default) + seconds(schema['heartbeat.json.timeout'].default),
      seconds(schema['heartbeat.protobuf.timeout'].default),
    ];
    for (const name of ['proxy_read_timeout', 'proxy_send_timeout']) {
      const timeout = seconds(new RegExp(`${name} (\\d+s);`).exec(site)?.[1]);
      for (const silence of silences) assert.ok(timeout > silence, name);
    }
  });

  it('knows every path of the default configuration', () => {
    const location = /location ~ (\^\S+\$) \{/.exec(site)?.[1] ?? '';
    for (const path of Object.keys(schema.paths.default)) assert.match(path, new RegExp(location));
  });
});

describe('an nginx that passes everything on and forgets its headers', { timeout: 120_000 }, () => {
  const forgetful =
    (upstream: number) =>
    ({ port }: { port: number }) =>
      `server { listen 127.0.0.1:${port};
location / { proxy_pass http://127.0.0.1:${upstream}; } }`;
  const admin = ([, path]: (typeof privileged)[number]) => path.startsWith('/admin');

  it('gets no push and no admin from a node in the shipped configuration', async (t) => {
    const yunque = await createYunque(t);
    const node = await yunque.serve([], { env: shippedTrust });
    const { port } = await startNginx(t, forgetful(node.port));
    for (const request of privileged) {
      const status = await statusOf(`http://127.0.0.1:${port}`, request);
      assert.equal(status, admin(request) ? 401 : 403, request[1]);
    }
    const bind = yunque.start(['connect', '--uid', 'alice', `ws://127.0.0.1:${port}/yunque`]);
    assert.notEqual((await bind.done).code, 0);
    assert.doesNotMatch(bind.out(), /"code":"?200/);
    const stats = JSON.parse((await yunque.run(['stats', '--json'])).out);
    assert.equal(stats.nodes[0].users, 0);
  });

  it('would get push, never admin, from one that trusts loopback: the setting is what keeps it out', async (t) => {
    const yunque = await createYunque(t);
    const node = await yunque.serve();
    const { port } = await startNginx(t, forgetful(node.port));
    for (const request of privileged) {
      const status = await statusOf(`http://127.0.0.1:${port}`, request);
      assert.equal(status, admin(request) ? 401 : 200, request[1]);
    }
  });
});

/** The status of a request as it is written here, with the headers of a WebSocket; the path is not tidied. */
async function rawStatus(port: number, firstLine: string): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const headers = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
  ];
  socket.write(`${firstLine}\r\nHost: 127.0.0.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(/^HTTP\/1\.1 (\d+)/.exec(chunk.toString('latin1'))?.[1]);
}
