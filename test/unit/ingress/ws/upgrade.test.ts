import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import type { Access, ConnectJudgement } from '../../../../src/access/access.ts';
import { probeSystem } from '../../../../src/api/system.ts';
import { createWsIngress, heartbeatFrames, type WsIngressOptions } from '../../../../src/ingress/ws/upgrade.ts';
import { Expiries } from '../../../../src/transport/expiries.ts';
import { Heartbeats } from '../../../../src/transport/heartbeats.ts';
import { InboundGuard } from '../../../../src/transport/inbound-guard.ts';
import { Outboxes } from '../../../../src/transport/outbox.ts';
import type { WsConnection } from '../../../../src/transport/ws-connection.ts';
import { eventually } from '../../../support/eventually.ts';
import { fakeAccess } from '../../../support/fake-access.ts';
import { createFakeNode, settled } from '../../../support/fake-node.ts';
import { createWheel } from '../../../support/wheel.ts';

const paths = { '/ws': 'json', '/yunque': 'yunque', '/cim-json': 'cim-json' } as const;
const year = 365 * 86_400_000;

/** The clients' door on a free port, with a real registry and real sessions behind it. */
async function openDoor(t: TestContext, more: Partial<WsIngressOptions> & { judge?: Partial<Access> } = {}) {
  const node = createFakeNode();
  const refused: string[] = [];
  const errors: unknown[] = [];
  const settings = { pingIntervalMs: year, timeoutMs: year };
  const { wheel } = createWheel();
  const heartbeats = new Heartbeats(
    { json: settings, protobuf: { pingAfterMs: year, timeoutMs: year }, bindTimeoutMs: year },
    heartbeatFrames(node.codecs),
    wheel,
  );
  const access = fakeAccess(more.judge);
  const expiries = new Expiries<WsConnection>(wheel, {
    onDue: (connection) => connection.close('token_expired'),
    onFault: (error) => errors.push(error),
  });
  let cids = 0;
  const door = createWsIngress({
    access,
    clientAddress: ({ socket }) => socket.remoteAddress ?? '',
    codecs: node.codecs,
    transport: {
      heartbeats,
      outboxes: new Outboxes(node.registry.turn, { maxBytes: 1024 * 1024, maxAgeMs: 10_000 }, wheel),
      onDropped: () => {},
      onClosing: () => {},
    },
    session: {
      sessions: node.sessions,
      counters: node.counters,
      heartbeats,
      expiries,
      judgeBind: access.judgeBind,
      nodeId: 'n1',
      idBytes: 64,
      clientIdOf: (connection) => node.registry.clientIdOf(connection),
      onBindRefused: () => {},
    },
    systemExists: (system) => node.systems.has(system),
    systemsRequired: false,
    newCid: () => {
      cids += 1;
      return cids;
    },
    compressFromBytes: undefined,
    maxPayloadBytes: () => 1024,
    admission: { admit: () => undefined, connections: 0 },
    inbound: new InboundGuard({ frameRate: 0, frameBurst: 1, assemblyMs: year, unfinishedBytes: year }, wheel),
    isDraining: () => false,
    probeSystemOf: () => undefined,
    onRefused: ({ error }) => refused.push(error),
    onError: (error) => errors.push(error),
    ...more,
  });
  const server = createServer();
  server.on('upgrade', (asked, socket, head) => door.upgrade(asked, socket, head, paths));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients: WebSocket[] = [];
  t.after(async () => {
    for (const client of clients) client.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function connect(path: string): Promise<WebSocket & { readonly heard: string[] }> {
    const client = Object.assign(new WebSocket(`ws://127.0.0.1:${port}${path}`), { heard: [] as string[] });
    client.on('message', (data) => client.heard.push(data.toString()));
    clients.push(client);
    await once(client, 'open');
    return client;
  }

  /** The answer to an upgrade that is refused. */
  async function ask(path: string): Promise<{ status: number; retryAfter: string | undefined; body: string }> {
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
    const asked = request({ port, path, headers: { ...headers, 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' } });
    asked.end();
    asked.on('upgrade', (_response, socket) => socket.destroy());
    const [response] = await once(asked, 'response');
    let body = '';
    for await (const chunk of response) body += chunk;
    return { status: response.statusCode, retryAfter: response.headers['retry-after'], body };
  }
  return { ...node, node, door, refused, errors, connect, ask };
}

async function closeOf(client: WebSocket): Promise<number> {
  const [code] = await once(client, 'close');
  return code as number;
}

describe('an upgrade is refused', () => {
  test('with 404 where no dialect is spoken', async (t) => {
    const { ask, refused } = await openDoor(t);
    assert.equal((await ask('/nowhere')).status, 404);
    assert.deepEqual(refused, ['not_found']);
  });

  test('with 503 and Retry-After while the node drains', async (t) => {
    const { ask, refused } = await openDoor(t, { isDraining: () => true });
    const { status, retryAfter } = await ask('/ws');
    assert.deepEqual([status, retryAfter, refused], [503, '2', ['going_away']]);
  });

  test('but not the node’s own probe, also while it drains: a drained node still has to prove that it delivers', async (t) => {
    const { connect, refused } = await openDoor(t, { isDraining: () => true, probeSystemOf: () => probeSystem });
    const client = await connect('/ws');
    await eventually('it is greeted', () => client.heard.length === 1);
    assert.deepEqual(refused, []);
  });

  test('when draining began while it waited: nobody slips in behind those who are closed', async (t) => {
    let draining = false;
    let answer = () => {};
    const waiting = new Promise<boolean>((resolve) => {
      answer = () => resolve(true);
    });
    let asked = false;
    const { ask, door, registry } = await openDoor(t, {
      isDraining: () => draining,
      systemExists: () => {
        asked = true;
        return waiting;
      },
    });
    const answered = ask('/ws');
    await eventually('it waits', () => asked);
    draining = true;
    answer();
    assert.equal((await answered).status, 503);
    await door.whenIdle();
    assert.equal(registry.size, 0);
  });

  test('with the status of the judgement, and says which option would allow it', async (t) => {
    const judgeConnect = async (): Promise<ConnectJudgement> => {
      return { allowed: false, code: 'forbidden', message: 'not you', hint: 'set x' };
    };
    const { ask, refused } = await openDoor(t, { judge: { judgeConnect } });
    const { status, body } = await ask('/ws');
    assert.deepEqual([status, JSON.parse(body).message, refused], [403, 'not you; set x', ['forbidden']]);
  });

  test('by hanging up when the stores cannot be asked, and the fault is reported', async (t) => {
    const { ask, errors } = await openDoor(t, { systemExists: () => Promise.reject(new Error('disk')) });
    await assert.rejects(ask('/ws'));
    assert.match(String(errors[0]), /disk/);
  });
});

describe('an unknown system', () => {
  for (const [path, first] of [
    ['/ws?systemId=none', /"code":-1001,"msg":"系统ID不正确","data":\[\]/],
    ['/cim-json?systemId=none', /client_handshake.*401/],
    ['/yunque?systemId=none', /client_handshake/],
    ['/ws?systemId=$probe', /系统ID不正确/],
  ] as const) {
    test(`${path} is told so and closed with 4507`, async (t) => {
      const { connect, refused, registry } = await openDoor(t);
      const client = await connect(path);
      assert.equal(await closeOf(client), 4507);
      assert.match(client.heard[0] ?? '', first);
      assert.deepEqual([client.heard.length, refused, registry.size], [1, ['unknown_system'], 0]);
    });
  }

  test('is one that is not named where it has to be', async (t) => {
    const { connect, refused } = await openDoor(t, { systemsRequired: true });
    const client = await connect('/ws');
    assert.equal(await closeOf(client), 4507);
    assert.match(client.heard[0] ?? '', /系统ID不能为空/);
    assert.deepEqual(refused, ['system_required']);
  });
});

describe('a connection', () => {
  const bindFrame = JSON.stringify({ type: 3, content: JSON.stringify({ key: 'client_bind', data: { uid: 'u' } }) });

  test('is pending until it has bound, and then in the registry', async (t) => {
    const { connect, door, registry } = await openDoor(t);
    const client = await connect('/cim-json');
    await eventually('it is there', () => door.pending === 1);
    assert.equal(registry.size, 0);
    client.send(bindFrame);
    await eventually('it has bound', () => registry.size === 1 && door.pending === 0);
  });

  test('that has not bound is closed by closePending, and those that have are not', async (t) => {
    const { connect, door, registry } = await openDoor(t);
    const bound = await connect('/cim-json');
    bound.send(bindFrame);
    await eventually('it has bound', () => registry.size === 1);
    const pending = await connect('/cim-json');
    await eventually('it is there', () => door.pending === 1);
    door.closePending('going_away');
    assert.equal(await closeOf(pending), 4001);
    assert.deepEqual([door.pending, bound.readyState], [0, WebSocket.OPEN]);
  });

  for (const [code, close] of [
    ['unauthorized', 4500],
    ['token_expired', 4003],
    ['unavailable', 4001],
  ] as const) {
    test(`whose token is refused with ${code} hears why, is closed with ${close}, and does not wait to bind`, async (t) => {
      const judgeConnect = async (): Promise<ConnectJudgement> => {
        return { allowed: false, code, message: 'no good', hint: 'get another' };
      };
      const { connect, door } = await openDoor(t, { judge: { judgeConnect } });
      const client = await connect('/cim-json?token=t');
      assert.equal(await closeOf(client), close);
      // Clients of the seeds never come back after the 401.
      if (code === 'unavailable') assert.deepEqual(client.heard, []);
      else assert.match(client.heard[0] ?? '', /client_handshake.*no good; get another/);
      assert.equal(door.pending, 0);
    });
  }

  test('with a good token belongs to its user and its system at once', async (t) => {
    const user = { uid: 'alice', system: 'default', deviceId: 'phone' };
    const judgeConnect = async (): Promise<ConnectJudgement> => ({ allowed: true, system: user.system, user });
    const { connect, registry, door } = await openDoor(t, { judge: { judgeConnect } });
    const client = await connect('/cim-json?token=t&channel=ios&systemId=elsewhere');
    await eventually('it is bound', () => registry.system('default')?.users.has('alice') === true);
    assert.match(client.heard[0] ?? '', /client_bind.*200/);
    const [connection] = registry.connections;
    assert.deepEqual([connection?.identity?.deviceId, connection?.identity?.channel], ['phone', 'ios']);
    assert.equal(door.pending, 0);
  });

  for (const [name, path, token] of [
    ['a good token', '/cim-json?token=t&deviceName=a%20b', { allowed: true }],
    ['a good token of json', '/ws?token=t', { allowed: true }],
    ['a wrong token', '/cim-json?token=t', { allowed: false, code: 'unauthorized', message: 'no', hint: 'h' }],
    ['an expired token', '/cim-json?token=t', { allowed: false, code: 'token_expired', message: 'no', hint: 'h' }],
    [
      'a token nobody can check',
      '/cim-json?token=t',
      { allowed: false, code: 'unavailable', message: 'no', hint: 'h' },
    ],
    ['a good token of a banned user', '/cim-json?token=t', { allowed: true, uid: 'banned' }],
    ['a good token of a system that is not there', '/cim-json?token=t', { allowed: true, system: 'none' }],
  ] as const) {
    test(`with ${name} lives the same, in the same order, whether its token and its place are known at once or later`, async (t) => {
      const live = async (isLater: boolean) => {
        const judge = ({ system }: { readonly system?: string | undefined }): ConnectJudgement => {
          if (!token.allowed) return token;
          const user = { uid: 'alice', system: 'default', ...token, ...(system !== undefined && { system }) };
          return { allowed: true, system: user.system, user };
        };
        const log: unknown[] = [];
        const { connect, door, node } = await openDoor(t, {
          judge: {
            judgeConnect: (_request, asked) => (isLater ? settled().then(() => judge(asked)) : judge(asked)),
          },
          onRefused: ({ error, what }) => log.push(['refused', error, what]),
        });
        if (isLater) {
          const { login } = node.directory;
          node.directory.login = async (route) => {
            await settled();
            return login.call(node.directory, route);
          };
        }
        await node.bans.ban({ system: 'default', uid: 'banned', until: Date.now() + year, reason: '' }, Date.now());
        node.events.subscribe(({ sequence: _, time: __, ...rest }) =>
          log.push({ ...rest, clientId: 'clientId' in rest }),
        );
        const client = await connect(path);
        const closed = closeOf(client);
        await Promise.race([closed, eventually('it is bound', () => node.registry.size === 1)]);
        client.close();
        log.push(
          ['closed', await closed],
          ...client.heard.map((text) => text.replaceAll(/\d{10,}|banned until.*?Z|"clientId":"[^"]*"/g, '')),
        );
        await door.whenIdle();
        await settled();
        return {
          log,
          pending: door.pending,
          size: node.registry.size,
          routes: await node.directory.routes('default', 'alice'),
        };
      };
      const [atOnce, later] = [await live(false), await live(true)];
      assert.deepEqual(atOnce, later);
      assert.ok(atOnce.log.length > 0);
      assert.deepEqual([atOnce.pending, atOnce.size, atOnce.routes], [0, 0, []]);
    });
  }

  test('is forgotten once, whichever side closes first', async (t) => {
    const { connect, registry, seen, counters } = await openDoor(t);
    const [theirs, ours] = [await connect('/ws'), await connect('/ws')];
    await eventually('both are there', () => registry.size === 2);
    theirs.close(4999);
    registry.find('default', '2')?.close('kicked');
    await closeOf(ours);
    await eventually('both have gone', () => registry.size === 0);
    assert.equal(seen.filter(({ type }) => type === 'disconnected').length, 2);
    assert.deepEqual(counters.disconnects, { 4503: 1, other: 1 });
  });

  test('that sends too large a frame is closed with 1009 by ws, and counted under it', async (t) => {
    const { connect, counters } = await openDoor(t);
    const client = await connect('/ws');
    client.send('x'.repeat(2000));
    assert.equal(await closeOf(client), 1009);
    await eventually('it is counted', () => Object.keys(counters.disconnects).length === 1);
  });

  test('that meets a fault of ours is closed with 1011, and the fault is reported', async (t) => {
    const { connect, directory, errors } = await openDoor(t);
    directory.login = () => Promise.reject(new Error('no directory'));
    const client = await connect('/cim-json');
    client.send(bindFrame);
    assert.equal(await closeOf(client), 1011);
    assert.match(String(errors[0]), /no directory/);
  });

  test('is waited for by whenIdle until its socket has gone', async (t) => {
    const { connect, door } = await openDoor(t);
    await door.whenIdle();
    const client = await connect('/ws');
    let idle = false;
    const waiting = door.whenIdle().then(() => {
      idle = true;
    });
    assert.equal(idle, false);
    client.close();
    await waiting;
  });
});
