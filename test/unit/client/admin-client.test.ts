import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type AdminClient, createAdminClient } from '../../../src/client/admin-client.ts';
import { ClientError } from '../../../src/client/client-error.ts';
import { type Asked, hangs, refuse, startFakeAdmin } from './fake-admin.ts';

async function failureOf(promise: Promise<unknown>): Promise<ClientError> {
  const error = await promise.then(
    () => assert.fail('expected a rejection'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ClientError, `expected a ClientError, got ${String(error)}`);
  return error;
}

function clientOf(t: TestContext, options: Parameters<typeof createAdminClient>[0]): AdminClient {
  const client = createAdminClient(options);
  t.after(() => client.close());
  return client;
}

const calls: readonly [string, (client: AdminClient) => Promise<unknown>, string, unknown?][] = [
  ['version', (c) => c.version(), 'GET /version'],
  ['stats', (c) => c.stats(), 'GET /stats'],
  ['snapshot', (c) => c.snapshot(), 'GET /snapshot'],
  ['snapshot without a list', (c) => c.snapshot({ query: { sort: 'uid' } }), 'GET /snapshot'],
  [
    'snapshot with a list',
    (c) => c.snapshot({ list: 'groups', query: { system: 's', limit: 5, descending: true } }),
    'GET /snapshot?list=groups&system=s&limit=5&descending=true',
  ],
  ['openapi', (c) => c.openapi(), 'GET /openapi.json'],
  ['connections', (c) => c.connections(), 'GET /connections'],
  ['users', (c) => c.users({ system: 'shop', search: 'al ice' }), 'GET /users?system=shop&search=al+ice'],
  [
    'groups',
    (c) => c.groups({ sort: 'members', descending: true, limit: 5, cursor: 'x' }),
    'GET /groups?sort=members&limit=5&cursor=x&descending=true',
  ],
  [
    'previewSend',
    (c) => c.previewSend({ target: { to: 'system' } }),
    'POST /send/preview',
    { target: { to: 'system' } },
  ],
  ['systems', (c) => c.systems({ descending: false }), 'GET /systems'],
  ['members', (c) => c.members('a/b', { system: 's' }), 'GET /groups/a%2Fb/members?system=s'],
  ['connection', (c) => c.connection('a+b/c='), 'GET /connections/a%2Bb%2Fc%3D'],
  ['user', (c) => c.user('张三', { system: 's' }), 'GET /users/%E5%BC%A0%E4%B8%89?system=s'],
  ['group', (c) => c.group('g'), 'GET /groups/g'],
  ['system', (c) => c.system('s'), 'GET /systems/s'],
  ['kickConnection', (c) => c.kickConnection('7', { reason: 'r' }), 'DELETE /connections/7?reason=r'],
  ['kickUser', (c) => c.kickUser('u', { system: 's' }), 'DELETE /users/u?system=s'],
  ['online', (c) => c.online(['u'], { system: 's' }), 'POST /users/online', { system: 's', uids: ['u'] }],
  ['join', (c) => c.join('g', { ids: ['1'], userId: 'x' }), 'POST /groups/g/join', { ids: ['1'], userId: 'x' }],
  ['leave', (c) => c.leave('g', { uids: ['u'] }), 'POST /groups/g/leave', { uids: ['u'] }],
  ['removeGroup', (c) => c.removeGroup('g'), 'DELETE /groups/g'],
  ['addSystem', (c) => c.addSystem('s'), 'POST /systems', { system: 's' }],
  ['removeSystem', (c) => c.removeSystem('s'), 'DELETE /systems/s'],
  ['keys', (c) => c.keys({ system: 's' }), 'GET /keys?system=s'],
  [
    'rotateKey',
    (c) => c.rotateKey({ owner: 'system', system: 's', role: 'push', now: true }),
    'POST /keys',
    { owner: 'system', system: 's', role: 'push', now: true },
  ],
  ['removeKey', (c) => c.removeKey('a/b'), 'DELETE /keys/a%2Fb'],
  ['bans', (c) => c.bans(), 'GET /bans'],
  ['ban', (c) => c.ban('张三', { forMs: 5000 }), 'POST /users/%E5%BC%A0%E4%B8%89/ban', { forMs: 5000 }],
  ['unban', (c) => c.unban('a/b', { system: 's' }), 'DELETE /users/a%2Fb/ban?system=s'],
];

describe('the admin client', () => {
  for (const [name, call, expected, body] of calls) {
    it(`asks ${expected} for ${name}`, async (t) => {
      const lists = { items: [], total: 0, nodes: [], connections: [], since: {} };
      const answer = { ok: name, ...lists, stats: { nodes: [] } };
      const admin = await startFakeAdmin(t, { [expected.replace(/\?.*/, '')]: answer });
      const client = clientOf(t, { url: admin.url, key: 'secret' });
      assert.deepEqual(await call(client), answer);
      const [asked] = admin.asked as [Asked];
      assert.equal(`${asked.method} ${asked.path}`, expected);
      assert.equal(asked.headers.authorization, 'Bearer secret');
      assert.deepEqual(asked.body === '' ? undefined : JSON.parse(asked.body), body);
    });
  }

  it('says so where another service answers, whatever it answers', async (t) => {
    const admin = await startFakeAdmin(t);
    const client = clientOf(t, { url: admin.url });
    for (const answer of [
      null,
      5,
      [],
      {},
      { nodes: {} },
      { nodes: [null] },
      { items: 'x', total: 1 },
      { stats: null },
    ]) {
      for (const path of ['/stats', '/snapshot', '/connections', '/history'])
        admin.answers[`GET ${path}`] = () => answer;
      for (const ask of [client.stats(), client.snapshot(), client.connections(), client.history('1')]) {
        const { kind, message } = await failureOf(ask);
        assert.equal(kind, 'not_yunque', JSON.stringify(answer));
        assert.match(message, /no yunque node answers/);
      }
    }
    for (const data of ['{not json', 'null', '5', '{}']) {
      for (const path of ['/events', '/tail']) {
        admin.answers[`GET ${path}`] = (_: Asked, response: ServerResponse) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${data}\n\n`);
        };
      }
      for (const stream of [client.events(), client.tail()]) {
        const { kind } = await failureOf(Array.fromAsync(stream as AsyncIterable<unknown>));
        assert.equal(kind, 'not_yunque', data);
      }
    }
  });

  it('sends conditions as one `where` each', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /connections': { items: [], total: 0 } });
    const where = [
      { field: 'uid', op: '!=', value: 'a=b' },
      { field: 'queueBytes', op: '>', value: '9' },
    ] as const;
    await clientOf(t, { url: admin.url }).connections({ where });
    assert.deepEqual(new URL(admin.asked[0]!.path, 'http://x').searchParams.getAll('where'), [
      'uid!=a=b',
      'queueBytes>9',
    ]);
  });

  it('hears why a large body is refused that the node does not read', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'yunque-client-'));
    t.after(() => rm(folder, { recursive: true }));
    const path = join(folder, 's.sock');
    const error = { code: 'payload_too_large', message: 'the body is larger than 1048576 bytes' };
    const server = createHttpServer((_request, response) => response.end('{}'));
    server.on('checkContinue', (_request, response) => {
      response.writeHead(413, { connection: 'close' }).end(JSON.stringify({ error }));
    });
    server.listen(path);
    await once(server, 'listening');
    t.after(() => server.close());
    const client = clientOf(t, { socketPath: path });
    for (let round = 0; round < 20; round++) {
      const refused = await failureOf(client.send({ target: { to: 'system' }, push: { data: 'a'.repeat(2_000_000) } }));
      assert.deepEqual([refused.kind, refused.message, refused.exit], ['refused', error.message, 2]);
    }
  });

  it('sends a large body to a server that never asks for it', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /send': { matched: 1 } });
    admin.neverAsksForBodies();
    const push = { data: 'a'.repeat(100_000) };
    assert.deepEqual(await clientOf(t, { url: admin.url }).send({ target: { to: 'system' }, push }), { matched: 1 });
    assert.equal(admin.asked[0]?.body.length, JSON.stringify({ target: { to: 'system' }, push }).length);
  });

  it('sends the data of a push byte for byte', async (t) => {
    const admin = await startFakeAdmin(t, { 'POST /send': { matched: 1 } });
    const client = clientOf(t, { url: admin.url });
    await client.send({ target: { to: 'system' }, push: { msg: 'm' } }, '{ "n": 12345678901234567890, "f": 1.0 }');
    assert.equal(
      admin.asked[0]!.body,
      '{"target":{"to":"system"},"push":{"msg":"m","data":{ "n": 12345678901234567890, "f": 1.0 }}}',
    );
  });

  it('puts the path of its URL before that of the API', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /prefix/admin/v1/version': { ok: 1 } });
    assert.deepEqual(await clientOf(t, { url: `${admin.url}/prefix/` }).version(), { ok: 1 });
  });

  it('speaks over the operator socket, without a key', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'yunque-client-'));
    t.after(() => rm(folder, { recursive: true }));
    const admin = await startFakeAdmin(t, { 'GET /version': { name: 'yunque' } }, join(folder, '1.sock'));
    const client = clientOf(t, { socketPath: join(folder, '1.sock') });
    assert.deepEqual(await client.version(), { name: 'yunque' });
    assert.equal(admin.asked[0]!.headers.authorization, undefined);
    assert.equal(admin.asked[0]!.headers.host, 'localhost');
  });

  it('keeps its connection between requests', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /version': {} });
    const client = clientOf(t, { url: admin.url });
    for (let i = 0; i < 5; i++) await client.version();
    assert.equal(admin.connections(), 1);
  });

  it('asks again where a kept connection was closed meanwhile', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /version': {} });
    const client = clientOf(t, { url: admin.url });
    await client.version();
    admin.answers['GET /version'] = (_: Asked, response: { socket: { destroy(): void } }) => {
      admin.answers['GET /version'] = { second: true };
      response.socket.destroy();
      return hangs;
    };
    assert.deepEqual(await client.version(), { second: true });
  });

  it('asks again where several kept connections were closed meanwhile', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /version': {} });
    const client = clientOf(t, { url: admin.url });
    await Promise.all([client.version(), client.version(), client.version()]);
    assert.equal(admin.connections(), 3);
    let closed = 0;
    admin.answers['GET /version'] = (_: Asked, response: { socket: { destroy(): void } }) => {
      if (++closed > 3) return { fourth: true };
      response.socket.destroy();
      return hangs;
    };
    assert.deepEqual(await client.version(), { fourth: true });
  });

  it('never sends twice what changes something', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /version': {} });
    const client = clientOf(t, { url: admin.url });
    await client.version();
    admin.answers['POST /send'] = (_: Asked, response: { socket: { destroy(): void } }) => {
      response.socket.destroy();
      return hangs;
    };
    const error = await failureOf(client.send({ target: { to: 'system' } }));
    assert.equal(error.kind, 'unreachable');
    assert.equal(admin.asked.filter(({ path }) => path === '/send').length, 1);
  });
});

describe('an error of the admin client', () => {
  it('is unreachable (5) where nobody listens, and says how to start a node', async (t) => {
    const admin = await startFakeAdmin(t);
    const closed = createServer().listen(0);
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const error = await failureOf(clientOf(t, { url: `http://127.0.0.1:${port}` }).version());
    assert.deepEqual([error.kind, error.exit], ['unreachable', 5]);
    assert.match(error.message, /nobody listens there/);
    assert.match(error.hint ?? '', /yunque serve/);
    assert.equal(admin.asked.length, 0);
  });

  it('is unreachable (5) where the socket is gone', async (t) => {
    const error = await failureOf(clientOf(t, { socketPath: '/nonexistent/1.sock' }).version());
    assert.deepEqual([error.kind, error.exit], ['unreachable', 5]);
  });

  it('is unreachable (5) where the connection breaks before an answer', async (t) => {
    const server = createServer((socket) => socket.once('data', () => socket.destroy())).listen(0);
    t.after(() => server.close());
    const { port } = server.address() as { port: number };
    const error = await failureOf(clientOf(t, { url: `http://127.0.0.1:${port}` }).version());
    assert.deepEqual([error.kind, error.exit], ['unreachable', 5]);
  });

  it('is timed out (6) where the node accepts and stays silent', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /version': () => hangs });
    const error = await failureOf(clientOf(t, { url: admin.url, timeoutMs: 50 }).version());
    assert.deepEqual([error.kind, error.exit], ['timed_out', 6]);
  });

  it('is timed out (6) where an answer begins and does not end', async (t) => {
    const begin = (_: Asked, response: { write(text: string): void }) => void response.write('{"a":');
    const admin = await startFakeAdmin(t, { 'GET /version': begin });
    const error = await failureOf(clientOf(t, { url: admin.url, timeoutMs: 100 }).version());
    assert.equal(error.kind, 'timed_out');
  });

  for (const status of [401, 403]) {
    it(`is denied (4) for ${status}, with the words of the node`, async (t) => {
      const body = { code: status === 401 ? 'unauthorized' : 'forbidden', message: 'no key', hint: 'bring one' };
      const admin = await startFakeAdmin(t, {
        'GET /version': (_: Asked, response: never) => refuse(response, status, body),
      });
      const error = await failureOf(clientOf(t, { url: admin.url }).version());
      assert.deepEqual([error.kind, error.exit, error.message], ['denied', 4, 'no key']);
      // The node's hint is for callers of the HTTP API, who have headers to set.
      assert.match(error.hint ?? '', status === 401 ? /--key-file/ : /^bring one$/);
    });
  }

  it('is refused with the exit code of the error table', async (t) => {
    const body = { code: 'unknown_client', message: 'gone', field: 'id' };
    const admin = await startFakeAdmin(t, {
      'GET /connections/7': (_: Asked, response: never) => refuse(response, 404, body),
    });
    const error = await failureOf(clientOf(t, { url: admin.url }).connection('7'));
    assert.deepEqual([error.kind, error.exit, error.body], ['refused', 3, body]);
  });

  for (const [what, answer] of [
    [
      'another server’s page',
      (_: Asked, response: { writeHead(s: number): { end(t: string): void } }) => response.writeHead(200).end('<html>'),
    ],
    [
      'another server’s refusal',
      (_: Asked, response: { writeHead(s: number): { end(t: string): void } }) => response.writeHead(404).end('nope'),
    ],
    [
      'a redirect',
      (_: Asked, response: { writeHead(s: number, h: object): { end(): void } }) =>
        response.writeHead(302, { location: '/' }).end(),
    ],
    [
      'a code outside the table',
      (_: Asked, response: never) => refuse(response, 400, { code: 'toString', message: 'x' }),
    ],
  ] as const) {
    it(`says that it is no yunque node for ${what}`, async (t) => {
      const admin = await startFakeAdmin(t, { 'GET /version': answer });
      const error = await failureOf(clientOf(t, { url: admin.url }).version());
      assert.deepEqual([error.kind, error.exit], ['not_yunque', 1]);
    });
  }

  it('is interrupted (130) when its signal fires', async (t) => {
    const aborter = new AbortController();
    const admin = await startFakeAdmin(t, {
      'GET /version': () => {
        aborter.abort();
        return hangs;
      },
    });
    const error = await failureOf(clientOf(t, { url: admin.url, signal: aborter.signal }).version());
    assert.deepEqual([error.kind, error.exit], ['interrupted', 130]);
    const again = await failureOf(clientOf(t, { url: admin.url, signal: aborter.signal }).version());
    assert.equal(again.kind, 'interrupted');
  });
});
