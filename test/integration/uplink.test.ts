import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { post } from '../support/http-post.ts';
import { type Asked, type Handler, json, startServer } from '../support/local-server.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { connectRedis } from '../support/redis-client.ts';
import { freePort } from '../support/services/free-port.ts';
import { sharedService } from '../support/services/shared.ts';
import { join, type WsClient } from '../support/ws-clients.ts';
import { dialectNames, type Fields, writeRequest } from '../support/ws-decode.ts';

const secret = 'a secret of thirty-two bytes and more';

/** The code of the reply, as text in every dialect. */
async function codeOf(client: WsClient, key: string, data: Record<string, string> = {}): Promise<string> {
  return String((await client.request(key, data)).body['code']);
}

async function secretFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(joinPath(tmpdir(), 'yunque-uplink-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = joinPath(folder, 'hook.secret');
  await writeFile(file, secret, { mode: 0o600 });
  return file;
}

/** A hook that answers each key as the test says, and a node whose `uplink.routes` are made from its URL. */
async function scene(
  t: TestContext,
  handle: Handler,
  { set = [], route = {} }: { set?: readonly string[]; route?: object } = {},
) {
  const server = await startServer(t, handle);
  const http = { type: 'http', name: 'shop', url: `${server.url}ws`, secretFile: await secretFile(t), ...route };
  const routes = JSON.stringify([{ keys: ['*'], ...http }]);
  const node = await startTestNode({ set: [`uplink.routes=${routes}`, 'systems.list=shop,bank', ...set] });
  t.after(() => node[Symbol.asyncDispose]());
  return { server, node };
}

const bodyOf = (asked: Asked | undefined): Fields => JSON.parse(asked?.body ?? 'null');
const text =
  (body: string, status = 200): Handler =>
  (_, response) =>
    response.writeHead(status).end(body);

async function metricOf(node: TestNode, name: string): Promise<string | undefined> {
  const lines = (await (await fetch(`${node.url}/metrics`)).text()).split('\n');
  return lines.find((line) => line.startsWith(name))?.slice(name.length + 1);
}

describe('a request of a client', () => {
  test('reaches the hook, signed, with who asks as the node knows it, and its answer comes back in every dialect', async (t) => {
    const answer = '{"code":0,"msg":"好","data":{"n": 1.0,"o":{"x":[1]},"big":9007199254740993}}';
    const { server, node } = await scene(t, text(answer));
    for (const dialect of dialectNames) {
      const client = await join(node, dialect, {
        system: 'shop',
        bind: { uid: 'alice', deviceId: 'd1', channel: 'web' },
      });
      const said = { uid: 'root', system: 'bank', text: '"é"' };
      const reply = await client.request('order.create', said);
      const { id, cid, clientId, timestamp, ...rest } = bodyOf(server.asked.at(-1));
      const anonymous = { system: 'shop', key: 'order.create', data: said };
      const bound = { ...anonymous, uid: 'alice', deviceId: 'd1' };
      assert.deepEqual(rest, dialect === 'json' ? anonymous : bound, dialect);
      assert.equal(clientId, dialect === 'json' ? client.clientId : undefined);
      assert.match(String(cid), /^[1-9]\d*$/);
      assert.ok(Number(timestamp) > 0);
      const { headers, body } = server.asked.at(-1) as Asked;
      assert.equal(headers['x-yunque-id'], id);
      const expected = createHmac('sha256', secret).update(`${headers['x-yunque-timestamp']}.${body}`).digest('hex');
      assert.equal(headers['x-yunque-signature'], expected);
      if (dialect === 'json') {
        const data = '{"n": 1.0,"o":{"x":[1]},"big":9007199254740993}';
        assert.equal(reply.raw.toString(), `{"code":0,"msg":"好","data":${data},"key":"order.create"}`);
      } else {
        assert.deepEqual([reply.body['code'], reply.body['message']], ['0', '好']);
        assert.deepEqual(reply.body['data'], { n: '1.0', o: '{"x":[1]}', big: '9007199254740993' });
      }
      await client.close();
    }
    assert.equal(await metricOf(node, 'yunque_uplink_requests_total{route="shop",code="0"}'), '4');
  });

  test('is answered by the first route that takes its key in its system, 404 where none does', async (t) => {
    const { server, node } = await scene(t, json({ code: 200 }), {
      route: { keys: ['order.*', 'me'], systems: ['shop'] },
    });
    const [shop, bank] = [await join(node, 'yunque', { system: 'shop' }), await join(node, 'cim', { system: 'bank' })];
    assert.deepEqual([await codeOf(shop, 'order.x'), await codeOf(shop, 'me')], ['200', '200']);
    assert.deepEqual([await codeOf(shop, 'orders'), await codeOf(bank, 'me')], ['404', '404']);
    assert.equal(server.asked.length, 2);
    assert.equal(await metricOf(node, 'yunque_uplink_requests_total{route="none",code="404"}'), '2');
  });

  test('is answered whatever the hook does: a redirect, no JSON, too much, an end in the middle, 500, nothing', async (t) => {
    const other = await startServer(t, json({ code: 200, message: 'followed' }));
    const does: Readonly<Record<string, Handler>> = {
      redirect: (_, response) => response.writeHead(307, { location: other.url }).end(),
      html: text('<html>'),
      toolong: text(`{"data":"${'x'.repeat(65_536)}"}`),
      longest: text(`{"data":"${'x'.repeat(65_536 - 11)}"}`),
      half: (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"code":');
        setImmediate(() => response.socket?.destroy());
      },
      fault: text('{"message":"oops"}', 500),
      own: text('{"code":"PAY_FIRST","message":"pay first"}', 402),
      nothing: () => {},
      empty: text('', 204),
    };
    const handle: Handler = (asked, response) => does[String(bodyOf(asked)['key'])]?.(asked, response);
    const { node } = await scene(t, handle, { set: ['uplink.timeout=300ms'] });
    const client = await join(node, 'yunque');
    const codes: Record<string, string> = {};
    for (const key of Object.keys(does)) codes[key] = await codeOf(client, key);
    assert.deepEqual(codes, {
      redirect: '502',
      html: '502',
      toolong: '502',
      longest: '200',
      half: '502',
      fault: '500',
      own: 'PAY_FIRST',
      nothing: '504',
      empty: '200',
    });
    assert.deepEqual(other.asked, []);
  });

  test('is answered 503 while nobody is there, at once as soon as that is known, and again when somebody is', async (t) => {
    const port = await freePort();
    const { node } = await scene(t, json({}), { route: { url: `http://127.0.0.1:${port}/`, retries: 0 } });
    const client = await join(node, 'cim-json');
    for (let at = 0; at < 6; at++) assert.equal(await codeOf(client, 'k'), '503');
    const stats = (await node.admin.stats()).nodes[0];
    const [sink] = stats?.sinks ?? [];
    assert.deepEqual(
      [sink?.name, sink?.use, sink?.kind, sink?.state, sink?.dropped],
      ['shop', 'uplink', 'http', 'failing', 1],
    );
    assert.match(sink?.failure ?? '', /ECONNREFUSED/);
    await startServer(t, json({ code: 200 }), port);
    await eventually('the hook is tried again', async () => (await codeOf(client, 'k')) === '200');
    assert.equal((await node.admin.stats()).nodes[0]?.sinks?.[0]?.state, 'ready');
  });

  test('is asked again with the same id where nothing was answered, or 503', async (t) => {
    let times = 0;
    const { server, node } = await scene(t, (asked, response) => {
      times += 1;
      if (times === 1) response.socket?.destroy();
      else if (times === 2) response.writeHead(503).end();
      else json({ code: 200, data: { times } })(asked, response);
    });
    const client = await join(node, 'yunque');
    assert.deepEqual((await client.request('k')).body['data'], { times: '3' });
    assert.equal(new Set(server.asked.map(({ headers }) => headers['x-yunque-id'])).size, 1);
    assert.equal(new Set(server.asked.map(({ body }) => body)).size, 1);
  });

  test('may not be one of too many: 429 beyond the rate and beyond what waits, and the connection stays', async (t) => {
    const held: (() => void)[] = [];
    const hold: Handler = (asked, response) => void held.push(() => json({ code: 200 })(asked, response));
    const { node } = await scene(t, hold, { set: ['uplink.rate=20'] });
    const client = await join(node, 'json');
    for (let at = 0; at < 45; at++) client.send(`{"key":"k","data":{"n":${at}}}`);
    const count = (code: number) => client.frames.filter(({ body }) => body['code'] === code && 'key' in body).length;
    await eventually('most are refused', () => count(429) >= 45 - 16);
    assert.equal(count(429), 45 - 16);
    await eventually('the others wait', () => held.length === 16);
    for (const go of held.splice(0)) go();
    await eventually('they are answered', () => count(200) === 16);
    const other = await join(node, 'json');
    other.send('{"key":"k","data":{}}');
    await eventually('another connection may ask', () => held.length === 1);
    held.splice(0)[0]?.();
    await eventually('the rate has room again', async () => {
      client.send('{"key":"late","data":{}}');
      held.splice(0)[0]?.();
      return count(200) > 16;
    });
    assert.equal(client.ended, undefined);
  });

  test('of a client that has gone is answered to nobody, and does the node no harm', async (t) => {
    const held: (() => void)[] = [];
    const { node } = await scene(t, (asked, response) => void held.push(() => json({})(asked, response)));
    const client = await join(node, 'yunque');
    const gone = client.request('k').catch(() => {});
    await eventually('the hook is asked', () => held.length === 1);
    await client.close();
    await gone;
    held[0]?.();
    const next = await join(node, 'yunque');
    const asked = next.request('k');
    await eventually('the hook is asked', () => held.length === 2);
    held[1]?.();
    assert.equal((await asked).body['code'], '200');
  });

  test('that is under way when the node stops is answered before its client is closed; a new one is told 503', async (t) => {
    const held: (() => void)[] = [];
    const { node } = await scene(t, (asked, response) => {
      if (bodyOf(asked)['key'] === 'slow') held.push(() => json({})(asked, response));
      else json({})(asked, response);
    });
    const client = await join(node, 'yunque');
    const asked = client.request('slow');
    await eventually('the hook is asked', () => held.length === 1);
    const stopped = node.node.stop();
    await eventually('new ones are refused', async () => (await codeOf(client, 'new')) === '503');
    held[0]?.();
    assert.equal((await asked).body['code'], '200');
    assert.equal((await client.closed).code, 4001);
    await stopped;
  });
});

describe('a route to a queue', () => {
  test('keeps the order of a connection, is answered 202, and 503 or 504 while the server is away', async (t) => {
    const { url, prefix } = await sharedService(t, 'redis');
    const proxy = await startFaultProxy(t, { port: Number(new URL(url).port) });
    const client = connectRedis(t, Number(new URL(url).port));
    const stream = `${prefix}:requests`;
    const route = { type: 'stream', name: 'requests', keys: ['*'], stream, url: `redis://127.0.0.1:${proxy.port}` };
    const set = [`uplink.routes=${JSON.stringify([route])}`, 'uplink.rate=0', 'uplink.timeout=1s'];
    await using node = await startTestNode({ set });
    const [alice, anonymous] = [await join(node, 'yunque', { bind: { uid: 'alice' } }), await join(node, 'json')];
    const answered = () => alice.frames.filter(({ type, body }) => type === 'reply' && body['key'] === 'track').length;
    for (let from = 0; from < 200; from += 16) {
      const upTo = Math.min(200, from + 16);
      for (let n = from; n < upTo; n++) alice.send(writeRequest('yunque', 'track', { n: `${n}` }));
      await eventually('they are answered', () => answered() === upTo);
    }
    const reply = await anonymous.request('track', { n: '1' });
    assert.deepEqual([reply.body['code'], reply.body['msg'], reply.body['data']], [202, 'accepted', {}]);
    const entries = (await client.xrange(stream, '-', '+')).map(([, [, id, , key, , data]]) => {
      const body = JSON.parse(String(data));
      assert.equal(body.id, id);
      return { key, uid: body.uid, n: Number(body.data.n) };
    });
    const ofAlice = entries.filter(({ uid }) => uid === 'alice');
    assert.deepEqual(
      ofAlice.map(({ n }) => n),
      Array.from({ length: 200 }, (_, n) => n),
    );
    assert.equal(ofAlice[0]?.key, 'alice');
    assert.deepEqual([entries.length, entries.at(-1)?.uid], [201, undefined]);
    assert.equal(await metricOf(node, 'yunque_uplink_requests_total{route="requests",code="202"}'), '201');
    await proxy.refuse();
    assert.match(await codeOf(alice, 'refused'), /^50[34]$/);
    await proxy.pass();
    await eventually('it is taken again', async () => (await codeOf(alice, 'again')) === '202');
    proxy.blackhole();
    assert.match(await codeOf(alice, 'lost'), /^50[34]$/);
    await proxy.pass();
    await client.del(stream);
  });
});

describe('the keys chat and chat_room', () => {
  const receiver = { uid: 'bob', channel: 'web', deviceId: 'b1' };
  const sender = { uid: 'alice', channel: 'web', deviceId: 'a1' };

  test('carry messages between users of one system, in every dialect, from the user of the connection', async () => {
    await using node = await startTestNode({
      set: ['uplink.chat=true', 'uplink.chatRoom=true', 'systems.list=shop,bank'],
    });
    const alice = await join(node, 'yunque', { system: 'shop', bind: sender });
    const elsewhere = await join(node, 'yunque', { system: 'bank', bind: receiver });
    assert.equal(await codeOf(alice, 'chat', { to: 'bob', text: 'hi' }), '404');
    for (const dialect of ['yunque', 'cim', 'cim-json'] as const) {
      const bob = await join(node, dialect, { system: 'shop', bind: receiver });
      const reply = await alice.request('chat', { to: 'bob', text: '好', sender: 'root' });
      const { messageId, ...counts } = reply.body['data'] as Fields;
      assert.deepEqual([reply.body['code'], counts], ['200', { matched: '1', delivered: '1' }]);
      assert.match(String(messageId), /^[0-9a-f]{16}$/);
      const { body } = await bob.message();
      assert.deepEqual([body['action'], body['sender'], body['receiver']], ['chat', 'alice', 'bob']);
      const content = dialect === 'yunque' ? body['content'] : JSON.parse(String(body['content']));
      assert.deepEqual(content, { text: '好', sender: 'root' });
      await bob.close();
    }
    assert.deepEqual(elsewhere.messages, []);
    assert.equal(await metricOf(node, 'yunque_uplink_requests_total{route="chat",code="200"}'), '3');
    assert.equal(await metricOf(node, 'yunque_messages_in_total{door="client"}'), '4');
  });

  test('reach the other members of a room that the sender is in, and of no other system; strangers are refused', async () => {
    await using node = await startTestNode({
      set: ['uplink.chat=true', 'uplink.chatRoom=true', 'systems.list=shop,bank'],
    });
    const [alice, bob, eve] = [
      await join(node, 'yunque', { system: 'shop', bind: sender }),
      await join(node, 'cim-json', { system: 'shop', bind: receiver }),
      await join(node, 'yunque', { system: 'bank', bind: { ...sender, uid: 'eve' } }),
    ];
    const anonymous = await join(node, 'json', { system: 'shop' });
    const put = (system: string, uids: string[]) => post(node, '/room/join', { room: 'lobby', uids }, system);
    await put('shop', ['bob']);
    assert.equal(await codeOf(alice, 'chat_room', { room: 'lobby' }), '403');
    await put('shop', ['alice']);
    await put('bank', ['eve']);
    const reply = await alice.request('chat_room', { room: 'lobby', text: 'all' });
    assert.deepEqual([reply.body['code'], (reply.body['data'] as Fields)['delivered']], ['200', '1']);
    const isChat = (body: Fields) => body['action'] === 'chat_room';
    const { body } = await bob.message(isChat);
    assert.deepEqual([body['sender'], body['receiver']], ['alice', 'lobby']);
    assert.deepEqual(
      [alice, eve].map(({ messages }) => messages.filter(isChat)),
      [[], []],
    );
    anonymous.send('{"key":"chat_room","data":{"room":"lobby"}}');
    anonymous.send('{"key":"chat","data":{"to":"bob"}}');
    assert.deepEqual(
      [(await anonymous.reply('chat_room')).body['code'], (await anonymous.reply('chat')).body['code']],
      [401, 401],
    );
  });

  test('are keys like any other until they are switched on', async (t) => {
    const { server, node } = await scene(t, json({ code: 200 }), { route: { keys: ['chat'] } });
    const [alice, bob] = [await join(node, 'yunque', { bind: sender }), await join(node, 'yunque', { bind: receiver })];
    assert.deepEqual([await codeOf(alice, 'chat', { to: 'bob' }), await codeOf(alice, 'chat_room')], ['200', '404']);
    assert.deepEqual([server.asked.length, bob.messages], [1, []]);
  });
});
