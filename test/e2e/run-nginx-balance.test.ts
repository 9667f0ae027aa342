import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { WebSocket } from 'ws';
import { eventually } from '../support/eventually.ts';
import { goWebsocketSite, shippedSite } from '../support/nginx-site.ts';
import { type NginxPlace, startNginx } from '../support/services/nginx.ts';
import { adjusted, shipped, unitSettings, variables } from '../support/unit-file.ts';
import { paths, WsClient } from '../support/ws-clients.ts';
import type { DialectName } from '../support/ws-decode.ts';
import { createYunque, type Yunque } from './cli-binary.ts';

const dialects = Object.keys(paths) as DialectName[];
/** What the shipped unit, supervisor file, image and Kubernetes example all set. */
const shippedTrust = variables(unitSettings(shipped('configs/systemd/yunque.service')).get('Environment') ?? []);
/** What the tokens of all clients are signed with: through a proxy nobody is bound without one. */
const secret = 'a secret of 32 bytes, of this test';

type Node = Awaited<ReturnType<Yunque['serve']>>;

async function serve(yunque: Yunque, settings: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const secretFile = join(yunque.home, 'token.secret');
  await writeFile(secretFile, secret, { mode: 0o600 });
  const tokens = `auth.tokens=${JSON.stringify([{ type: 'jwt', algorithm: 'HS256', secretFile, systems: ['shop'] }])}`;
  const all = ['systems.list=shop', tokens, ...settings].flatMap((setting) => ['--set', setting]);
  return yunque.serve(all, { env: { ...shippedTrust, ...env } });
}

let users = 0;

async function openClient(t: TestContext, front: number, dialect: DialectName): Promise<WsClient> {
  users += 1;
  const claims = { sub: `user-${users}`, exp: Math.floor(Date.now() / 1000) + 600 };
  const token = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret));
  const query = `systemId=shop&deviceId=device-${users}&channel=web&token=${token}`;
  const ws = new WebSocket(`ws://127.0.0.1:${front}${paths[dialect]}?${query}`);
  t.after(() => ws.terminate());
  const client = new WsClient(ws, dialect, true);
  await once(ws, 'open');
  return client;
}

const openClients = (t: TestContext, front: number, each: number) =>
  Promise.all(Array.from({ length: each }, () => dialects.map((dialect) => openClient(t, front, dialect))).flat());

/** How many connections a node says it has. */
async function countOf(yunque: Yunque, { port }: Node): Promise<number> {
  const { out } = await yunque.run(['stats', '-s', String(port), '--json']);
  return JSON.parse(out).nodes[0].connections;
}

async function has(yunque: Yunque, node: Node, count: number): Promise<void> {
  let last = -1;
  const ask = async () => {
    last = await countOf(yunque, node);
    return last === count;
  };
  await eventually('the count', ask).catch(() => assert.equal(last, count));
}

/** The answer to a handshake that is refused. */
async function refusalOf(front: number): Promise<{ status: number; retryAfter: string | undefined }> {
  const ws = new WebSocket(`ws://127.0.0.1:${front}/ws?systemId=shop&token=x`);
  ws.on('error', () => {});
  const opened = once(ws, 'open').then(() => assert.fail('it was let in'));
  const [, response] = await Promise.race([once(ws, 'unexpected-response'), opened]);
  response.resume();
  return { status: response.statusCode, retryAfter: response.headers['retry-after'] };
}

describe('the nginx file, in front of three nodes', { timeout: 120_000 }, () => {
  it('spreads clients of every dialect, and those of a killed node find another at once', async (t) => {
    const yunque = await createYunque(t);
    const nodes = await Promise.all([serve(yunque), serve(yunque), serve(yunque)]);
    const [first, second, third] = nodes as [Node, Node, Node];
    const { port } = await startNginx(t, shippedSite(first.port, second.port, third.port));
    const clients = await openClients(t, port, 3);
    for (const node of nodes) await has(yunque, node, 4);

    first.process.kill('SIGKILL');
    await eventually('its clients know', () => clients.filter(({ ended }) => ended !== undefined).length === 4);
    await openClients(t, port, 2);
    assert.equal(clients.filter(({ ended }) => ended !== undefined).length, 4, 'nobody else notices');
    for (const node of [second, third]) await has(yunque, node, 8);
  });

  it('gives newcomers to the others while a node drains', async (t) => {
    const yunque = await createYunque(t);
    const leaving = await serve(yunque, [], { YUNQUE_DRAIN_GRACE: '8s' });
    const staying = await serve(yunque);
    const { port } = await startNginx(t, shippedSite(leaving.port, staying.port));
    const before = await openClients(t, port, 2);
    const had = await countOf(yunque, staying);
    assert.ok(had > 0 && had < 8, `${had} of 8`);
    leaving.process.kill('SIGTERM');
    const readyz = () => fetch(`http://127.0.0.1:${leaving.port}/readyz`).then(({ status }) => status);
    await eventually('it drains', async () => (await readyz()) === 503);
    await openClients(t, port, 2);
    await has(yunque, staying, had + 8);
    assert.ok(before.every(({ ended }) => ended === undefined));
  });

  it('passes the refusal of nodes that are full on, and leaves none of them out', async (t) => {
    const yunque = await createYunque(t);
    const full = ['limits.connections=1'];
    const nodes = await Promise.all([serve(yunque, full), serve(yunque, full), serve(yunque, full)]);
    const [first, second, third] = nodes.map(({ port }) => port) as [number, number, number];
    const nginx = await startNginx(t, shippedSite(first, second, third));
    const clients = await Promise.all(Array.from({ length: 3 }, () => openClient(t, nginx.port, 'json')));
    for (let time = 0; time < 3; time++) {
      const { status, retryAfter } = await refusalOf(nginx.port);
      assert.equal(status, 503);
      assert.match(String(retryAfter), /^\d+$/);
    }
    await clients[1]?.close();
    // The node that has a place again is not known to nginx as one that has none.
    await eventually('a place is free', () =>
      openClient(t, nginx.port, 'json').then(
        () => true,
        () => false,
      ),
    );
    assert.match(
      await nginx.log('yunque.access.log'),
      / 503 \d+ \S+ upstream=\S+ : \S+, \S+, \S+,503 : 503, 503, 503 /,
    );
  });

  it('keeps silent clients for as long as the node does: heartbeats are what its timeouts wait for', async (t) => {
    const yunque = await createYunque(t);
    const quick = [
      'heartbeat.json.pingInterval=500ms',
      'heartbeat.json.timeout=400ms',
      'heartbeat.protobuf.pingAfter=500ms',
      'heartbeat.protobuf.timeout=900ms',
    ];
    const node = await serve(yunque, quick);
    const slow = await serve(yunque);
    const short = (upstream: number) => (at: NginxPlace) =>
      adjusted(shippedSite(upstream)(at), {
        'proxy_read_timeout 120s;': 'proxy_read_timeout 2s;',
        'proxy_send_timeout 120s;': 'proxy_send_timeout 2s;',
      });
    const [front, lateFront] = await Promise.all([startNginx(t, short(node.port)), startNginx(t, short(slow.port))]);
    const silent = await openClient(t, lateFront.port, 'json');
    const clients = await openClients(t, front.port, 1);
    const { code } = await silent.closed;
    assert.equal(code, 1006, 'without a heartbeat in time nginx ends it');
    await delay(2500);
    assert.deepEqual(
      clients.map(({ ended }) => ended),
      clients.map(() => undefined),
    );
    for (const client of clients) {
      const pings = client.pingFrames + client.frames.filter(({ type }) => type === 'ping').length;
      assert.ok(pings >= 4, `${client.dialect}: ${pings} heartbeats`);
    }
  });
});

describe("go-websocket's own nginx example, in front of two nodes", { timeout: 120_000 }, () => {
  it('balances clients of every dialect; those of a killed node find the other', async (t) => {
    const yunque = await createYunque(t);
    const [first, second] = await Promise.all([serve(yunque), serve(yunque)]);
    const { port } = await startNginx(t, goWebsocketSite(first.port, second.port));
    const clients = await openClients(t, port, 2);
    for (const node of [first, second]) await has(yunque, node, 4);
    second.process.kill('SIGKILL');
    await eventually('its clients know', () => clients.filter(({ ended }) => ended !== undefined).length === 4);
    await openClients(t, port, 1);
    await has(yunque, first, 8);
  });

  it('keeps silent clients: heartbeats come before its 60 s are over', async (t) => {
    const yunque = await createYunque(t);
    const quick = [
      'heartbeat.json.pingInterval=1250ms',
      'heartbeat.json.timeout=500ms',
      'heartbeat.protobuf.pingAfter=2250ms',
      'heartbeat.protobuf.timeout=3s',
    ];
    const node = await serve(yunque, quick);
    // Everything twenty times as fast: 25 s and 10 s, 45 s and 60 s, and the proxy's 60 s.
    const site = goWebsocketSite(node.port, node.port, { 'proxy_read_timeout 60s;': 'proxy_read_timeout 3s;' });
    const { port } = await startNginx(t, site);
    const clients = await openClients(t, port, 1);
    await delay(8000);
    for (const client of clients) assert.equal(client.ended, undefined, client.dialect);
  });

  it('passes /api on, where a key says who calls: being near counts for nothing through a proxy', async (t) => {
    const yunque = await createYunque(t);
    const node = await yunque.serve();
    const { url, port } = await startNginx(t, goWebsocketSite(node.port, node.port));
    const call = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
      const all = { 'Content-Type': 'application/json', SystemId: 'shop', ...headers };
      const response = await fetch(`${url}${path}`, { method: 'POST', headers: all, body: JSON.stringify(body) });
      return { status: response.status, ...((await response.json()) as { code: number; msg: string }) };
    };
    const push = { clientId: 'x', sendUserId: 'u9', code: 0, msg: 'hi', data: { price: 1 } };

    const refused = await call('/api/send_to_client', push);
    assert.deepEqual([refused.status, refused.code], [403, -1]);
    assert.match(refused.msg, /x-forwarded-for/i);

    const operator = (await readFile(join(yunque.home, 'run/yunque', `${node.port}.key`), 'utf8')).trim();
    const byOperator = { Authorization: `Bearer ${operator}` };
    assert.deepEqual(await call('/api/register', { systemId: 'shop' }, byOperator), {
      status: 200,
      code: 0,
      msg: 'success',
      data: [],
    });
    const made = await yunque.run(['system', 'rotate-key', 'shop', '-s', String(node.port)]);
    assert.equal(made.code, 0, made.err);
    const byKey = { Authorization: `Bearer ${made.out.trim()}` };
    const shopper = new WsClient(new WebSocket(`ws://127.0.0.1:${port}/ws?systemId=shop`), 'json', true);
    t.after(() => shopper.ws.terminate());
    const greeting = await shopper.next(({ type }) => type === 'hello');
    const to = (greeting.body['data'] as { clientId: string }).clientId;
    assert.equal((await call('/api/send_to_client', { ...push, clientId: to }, byKey)).code, 0);
    await shopper.message(({ msg }) => msg === 'hi');
  });
});
