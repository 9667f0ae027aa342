import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { eventually } from './eventually.ts';
import { startTestNode, type TestNode } from './node.ts';
import { refusal } from './refusal.ts';
import { connect, connectRefused, join, type WsClient } from './ws-clients.ts';
import { type DialectName, type Received, writePong, writeRequest } from './ws-decode.ts';

export interface BoundDialect {
  readonly dialect: Exclude<DialectName, 'json'>;
  readonly subprotocol: string;
  /** Byte for byte. */
  readonly ping: Buffer;
  /** A REPLY with these values, made by hand. */
  reply(reply: { key: string; code: string; message: string; timestamp: string; data: [string, string][] }): Buffer;
  /** Frames that are not of the dialect, by what is wrong with them. */
  readonly wrong: Readonly<Record<string, { readonly payload: Buffer; readonly binary: boolean }>>;
}

const everyField = {
  uid: 'alice',
  channel: 'android',
  deviceId: 'device-1',
  deviceName: '华为 P50 "pro"',
  appVersion: '1.2.0',
  osVersion: '14',
  packageName: 'com.example.app',
  language: 'zh-CN',
};

/** What `yunque`, `cim` and `cim-json` have in common: bind, heartbeat, refusals. */
export function testBoundDialect({ dialect, subprotocol, ping, reply, wrong }: BoundDialect): void {
  let node: TestNode;
  before(async () => {
    node = await startTestNode({ set: ['limits.payload=1KiB'] });
  });
  after(() => node[Symbol.asyncDispose]());

  const binary = dialect !== 'cim-json';

  test('the first frame is the answer to the bind, byte for byte, with the place of the connection', async () => {
    const started = Date.now();
    const client = await join(node, dialect, { bind: everyField });
    assert.equal(client.frames.length, 1);
    assert.equal(client.sid, node.node.nodeId);
    assert.match(client.cid, /^[1-9]\d*$/);
    assert.ok(Number.isSafeInteger(Number(client.cid)));
    const [frame] = client.frames as [Received];
    const timestamp = String(frame.body['timestamp']);
    assert.ok(Number(timestamp) >= started && Number(timestamp) <= Date.now());
    const data: [string, string][] = [
      ['sid', client.sid],
      ['cid', client.cid],
    ];
    const expected = reply({ key: 'client_bind', code: '200', message: 'success', timestamp, data });
    assert.deepEqual(frame.raw, expected);
    await client.close();
  });

  test('a bind gives the connection its user, device, name and channel', async () => {
    const client = await join(node, dialect, { bind: everyField });
    const row = await node.admin.connection(client.cid);
    const { uid, deviceId, deviceName, channel } = row;
    assert.deepEqual(
      { uid, deviceId, deviceName, channel, system: row.system, dialect: row.dialect },
      {
        uid: 'alice',
        deviceId: 'device-1',
        deviceName: '华为 P50 "pro"',
        channel: 'android',
        system: 'default',
        dialect,
      },
    );
    await client.close();
  });

  test('a second bind is ignored, whoever it names', async () => {
    const client = await join(node, dialect, { bind: { uid: 'first' } });
    client.send(writeRequest(dialect, 'client_bind', { uid: 'second' }));
    client.send(writeRequest(dialect, 'client_bind', {}));
    await client.request('after');
    assert.equal(client.frames.length, 2);
    assert.equal((await node.admin.connection(client.cid)).uid, 'first');
    await assert.rejects(node.admin.user('second'), refusal('unknown_user'));
    await client.close();
  });

  const refusals: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'names no user': { channel: 'web' },
    'has an empty uid': { uid: '' },
    'brings a token where no token source is configured': { uid: 'alice', token: 'abc' },
    'has a uid longer than the limit': { uid: 'é'.repeat(129) },
    'has a control character in it': { uid: 'alice', deviceName: 'a\u001b[2J' },
  };
  for (const [what, data] of Object.entries(refusals)) {
    test(`a bind that ${what} is told 401 and closed with 4500`, async () => {
      const client = await connect(node, dialect);
      client.send(writeRequest(dialect, 'client_bind', data));
      await refusedBind(client);
    });
  }

  test('a uid of exactly the limit may bind', async () => {
    const client = await join(node, dialect, { bind: { uid: 'é'.repeat(128) } });
    await client.close();
  });

  test('a token in the URL is told 401 and closed with 4500 before any bind', async () => {
    await refusedBind(await connect(node, dialect, { url: `${node.ws}/${dialect}?token=abc` }));
  });

  const untrusted = {
    'X-Forwarded-For': '203.0.113.9',
    'X-Real-IP': '203.0.113.9',
    Forwarded: 'for=203.0.113.9',
    Via: '1.1 proxy',
    Origin: 'http://elsewhere.example',
    'Sec-Fetch-Site': 'cross-site',
    Host: 'rebound.example',
  };
  for (const [header, value] of Object.entries(untrusted)) {
    test(`a connection with the header ${header}: ${value} may not bind: 401, then 4500`, async () => {
      const client = await connect(node, dialect, { headers: { [header]: value } });
      client.send(writeRequest(dialect, 'client_bind', everyField));
      await refusedBind(client);
    });
  }

  test('refused binds are counted, and nothing of them stays', async () => {
    const [stats] = (await node.admin.stats()).nodes;
    assert.ok((stats?.refused['unauthorized'] ?? 0) > Object.keys(untrusted).length);
    assert.ok((stats?.disconnects['4500'] ?? 0) > Object.keys(untrusted).length);
    assert.equal(stats?.pending, 0);
    await nobodyLeft();
  });

  test('before it binds, a connection is in no list, gets no push, and its requests are told to bind first', async () => {
    await nobodyLeft();
    const client = await connect(node, dialect);
    assert.equal((await client.request('orders')).body['code'], '401');
    assert.equal((await node.admin.connections()).total, 0);
    const [stats] = (await node.admin.stats()).nodes;
    assert.deepEqual([stats?.connections, stats?.pending], [0, 1]);
    const receipt = await node.admin.send({ target: { to: 'system' }, push: { msg: 'all' } });
    assert.deepEqual([receipt.matched, receipt.delivered], [0, 0]);
    await client.bind({ uid: 'late' });
    assert.equal(client.frames.length, 2);
    assert.equal((await node.admin.connections()).total, 1);
    await client.close();
  });

  test('a request no route takes is answered 404 with its key', async () => {
    const client = await join(node, dialect);
    const { body } = await client.request('orders', { page: '1' });
    assert.equal(body['code'], '404');
    assert.deepEqual(Object.keys(body).sort(), ['code', 'data', 'key', 'message', 'timestamp']);
    await client.close();
  });

  test('the internal key client_closed is refused', async () => {
    const client = await join(node, dialect);
    assert.equal((await client.request('client_closed')).body['code'], '403');
    await client.close();
  });

  test('requests in the same packet as the bind are answered after it, as bound', async () => {
    const client = await connect(node, dialect);
    inOnePacket(client, () => {
      client.send(writeRequest(dialect, 'client_bind', { uid: 'hasty' }));
      client.send(writeRequest(dialect, 'one', {}));
      client.send(writeRequest(dialect, 'two', {}));
    });
    await client.reply('two');
    const answers = client.frames.map(({ body }) => [body['key'], body['code']]);
    assert.deepEqual(answers, [
      ['client_bind', '200'],
      ['one', '404'],
      ['two', '404'],
    ]);
    await client.close();
  });

  test('a connection that binds and closes in one packet leaves nothing behind', async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, () => connect(node, dialect)));
    for (const client of clients) {
      inOnePacket(client, () => {
        client.send(writeRequest(dialect, 'client_bind', { uid: 'brief' }));
        client.ws.close(1000);
      });
    }
    await Promise.all(clients.map((client) => client.closed));
    await nobodyLeft();
    await assert.rejects(node.admin.user('brief'), refusal('unknown_user'));
  });

  for (const [what, { payload, binary: asBinary }] of Object.entries(wrong)) {
    test(`${what} closes with 4000`, async () => {
      const client = await join(node, dialect);
      client.ws.send(payload, { binary: asBinary });
      assert.equal((await client.closed).code, 4000);
      assert.equal(client.frames.length, 1);
    });
  }

  test('a frame of the wrong kind before the bind closes with 4000 too', async () => {
    const client = await connect(node, dialect);
    client.ws.send('x', { binary: !binary });
    assert.equal((await client.closed).code, 4000);
  });

  test('a message above the limit closes with 1009, one at the limit does not', async () => {
    const client = await join(node, dialect);
    const empty = writeRequest(dialect, 'big', { x: '' }).length;
    const at = writeRequest(dialect, 'big', { x: 'y'.repeat(1024 - empty) });
    const slack = at.length - 1024;
    client.send(writeRequest(dialect, 'big', { x: 'y'.repeat(1024 - empty - slack) }));
    await client.reply('big');
    client.send(writeRequest(dialect, 'big', { x: 'y'.repeat(1025) }));
    assert.equal((await client.closed).code, 1009);
  });

  test('text that is not UTF-8 closes with 1007', async () => {
    const client = await join(node, dialect);
    client.ws.send(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { binary: false });
    assert.equal((await client.closed).code, 1007);
  });

  test('an unknown system is refused with 401 and closed for good', async () => {
    for (const system of ['nowhere', '$probe', '__proto__']) {
      const client = await connect(node, dialect, { system });
      assert.equal((await client.closed).code, 4507);
      assert.deepEqual(
        client.frames.map(({ body }) => [body['key'], body['code'], body['message']]),
        [['client_handshake', '401', '系统ID不正确']],
      );
    }
  });

  test('with systemId the user is one of that system alone', async () => {
    await node.admin.addSystem('tenant');
    const client = await join(node, dialect, { system: 'tenant', bind: { uid: 'alice' } });
    assert.equal((await node.admin.user('alice', { system: 'tenant' })).connections, 1);
    await assert.rejects(node.admin.user('alice'), refusal('unknown_user'));
    await client.close();
  });

  test('a subprotocol overrides the path and is confirmed; elsewhere it opens nothing', async () => {
    const client = await join(node, dialect, { url: `${node.ws}/ws`, protocols: [subprotocol] });
    assert.equal(client.ws.protocol, subprotocol);
    await client.close();
    const refused = await connectRefused(node, dialect, { url: `${node.ws}/nothing`, protocols: [subprotocol] });
    assert.equal(refused.status, 404);
  });

  test('a connection that has not bound in time is closed with 4002', async () => {
    await using hasty = await startTestNode({ set: ['bindTimeout=200ms'] });
    const client = await connect(hasty, dialect);
    client.send(writeRequest(dialect, 'busy', {}));
    assert.deepEqual(await client.closed, { code: 4002, reason: 'never bound to a user' });
    const [stats] = (await hasty.admin.stats()).nodes;
    assert.equal(stats?.pending, 0);
    assert.equal(stats?.disconnects['4002'], 1);
  });

  test('heartbeat', async (t) => {
    await using beating = await startTestNode({
      set: ['heartbeat.protobuf.pingAfter=300ms', 'heartbeat.protobuf.timeout=600ms', 'bindTimeout=1s'],
    });

    await t.test('after silence comes PING, byte for byte, and PONG keeps the connection', async () => {
      const client = await join(beating, dialect);
      for (let round = 0; round < 4; round += 1) await client.next(({ type }) => type === 'ping', 'PING');
      const pings = client.frames.filter(({ type }) => type === 'ping');
      for (const { raw } of pings) assert.deepEqual(raw, ping);
      assert.equal(client.ended, undefined);
      await client.close();
    });

    await t.test('any request keeps it too', async () => {
      const client = await join(beating, dialect, { heartbeat: false });
      for (let round = 0; round < 4; round += 1) {
        await client.next(({ type }) => type === 'ping', 'PING');
        await client.request('alive');
      }
      await client.close();
    });

    await t.test('one that stays silent is closed with 4012', async () => {
      const client = await join(beating, dialect, { heartbeat: false });
      assert.deepEqual(await client.closed, { code: 4012, reason: 'no heartbeat in time' });
      assert.deepEqual(
        client.frames.map(({ type }) => type),
        ['reply', 'ping'],
      );
      assert.equal((await beating.admin.stats()).nodes[0]?.disconnects['4012'], 1);
    });

    await t.test('PING comes also while pushes flow, and silence ends it also then', async () => {
      const client = await join(beating, dialect, { heartbeat: false });
      for (let sent = 0; client.ended === undefined && sent < 10_000; sent += 1) {
        await beating.admin.send({ target: { to: 'connections', ids: [client.cid] }, push: { msg: `${sent}` } });
      }
      assert.equal((await client.closed).code, 4012);
      assert.equal(client.frames.filter(({ type }) => type === 'ping').length, 1);
    });

    await t.test('PONG before the bind is no bind', async () => {
      const client = await connect(beating, dialect);
      const pong = setInterval(() => client.send(writePong(dialect)), 50);
      const { code } = await client.closed.finally(() => clearInterval(pong));
      assert.equal(code, 4002);
    });
  });

  async function nobodyLeft(): Promise<void> {
    await eventually('nobody is left', async () => (await node.admin.connections()).total === 0);
  }

  async function refusedBind(client: WsClient): Promise<void> {
    assert.deepEqual(await client.closed, { code: 4500, reason: 'bind refused' });
    assert.deepEqual(
      client.frames.map(({ type, body }) => [type, body['key'], body['code']]),
      [['reply', 'client_handshake', '401']],
    );
  }
}

/** Everything `write` sends leaves in one piece. `_socket` is ws's own name for it. */
function inOnePacket(client: WsClient, write: () => void): void {
  const { _socket: socket } = client.ws as unknown as { _socket: Socket };
  socket.cork();
  write();
  socket.uncork();
}
