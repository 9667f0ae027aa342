import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Claims, refusalOf, startTokenNode, type TokenNode, urlWith } from '../support/token-node.ts';
import { connect, join, type WsClient } from '../support/ws-clients.ts';
import { type DialectName, dialectNames, writeRequest } from '../support/ws-decode.ts';

let held: TokenNode;
before(async () => {
  held = await startTokenNode();
});
after(() => held[Symbol.asyncDispose]());

/** Tabs of one browser, so that none displaces another. */
const device = { channel: 'web', deviceId: 'browser' };

const isWelcome = ({ type, body }: { type: string; body: Readonly<Record<string, unknown>> }) =>
  type === 'hello' || body['key'] === 'client_bind';

/** Bound by the token in its URL. */
async function comeByUrl(dialect: DialectName, claims: Claims, system = 'shop'): Promise<WsClient> {
  const token = await held.mint({ did: device.deviceId, ...claims });
  const client = await connect(held.node, dialect, {
    url: urlWith(held.node, dialect, { systemId: system, token, ...device }),
  });
  await client.next(isWelcome, 'a welcome');
  return client;
}

/** Bound by the token of its `client_bind`. */
async function comeByBind(dialect: DialectName, claims: Claims): Promise<WsClient> {
  const client = await connect(held.node, dialect, { system: 'shop' });
  await client.bind({ ...device, token: await held.mint(claims) });
  return client;
}

async function refresh(client: WsClient, claims: Claims): Promise<void> {
  client.send(writeRequest(client.dialect, 'client_bind', { token: await held.mint(claims) }));
}

/** Each with a user of its own. */
async function inEveryDialect(run: (dialect: DialectName, sub: string) => Promise<void>): Promise<void> {
  await Promise.all(dialectNames.map((dialect) => run(dialect, `user of ${dialect}`)));
}

describe('the end of a token', () => {
  test('ends the connection with 4003 in every dialect, however the token came, and not before', async () => {
    const { admin } = held.node;
    const before = (await admin.stats()).nodes[0]?.disconnects['4003'] ?? 0;
    const end = (Math.floor(Date.now() / 1000) + 2) * 1000;
    const endsIn = 2;
    const clients = [
      ...(await Promise.all(dialectNames.map((dialect) => comeByUrl(dialect, { endsIn })))),
      ...(await Promise.all(dialectNames.slice(1).map((dialect) => comeByBind(dialect, { endsIn })))),
    ];
    const bystander = await comeByUrl('yunque', {});
    for (const client of clients) {
      const { code, reason } = await client.closed;
      assert.equal(code, 4003, client.dialect);
      assert.match(reason, /token has expired/);
      assert.ok(Date.now() >= end, `${client.dialect} was closed before its token ended`);
    }
    assert.equal((await admin.stats()).nodes[0]?.disconnects['4003'], before + clients.length);
    assert.equal(bystander.ended, undefined);
    await bystander.close();
  });

  test('is put off by a new token of the same user, in every dialect, and messages go on', async () => {
    await inEveryDialect(async (dialect, sub) => {
      const [refreshed, witness] = [
        await comeByUrl(dialect, { sub, endsIn: 2 }),
        await comeByUrl(dialect, { sub, endsIn: 3 }),
      ];
      await refresh(refreshed, { sub, endsIn: 600 });
      await refreshed.next(({ body }) => body['key'] === 'client_bind', 'an answer to the new token');
      assert.equal((await witness.closed).code, 4003);
      assert.equal(refreshed.ended, undefined, 'its first token has ended too');
      await held.node.admin.send({ system: 'shop', target: { to: 'users', uids: [sub] }, push: { msg: 'still' } });
      await refreshed.message();
      await refreshed.close();
    });
  });

  test('comes nearer with a new token that ends sooner, in every dialect', async () => {
    await inEveryDialect(async (dialect, sub) => {
      const client = await comeByUrl(dialect, { sub, endsIn: 600 });
      await refresh(client, { sub, endsIn: 1 });
      assert.equal((await client.closed).code, 4003, dialect);
    });
  });

  test('stays where it is after a second bind without a token, which binds nobody', async () => {
    await inEveryDialect(async (dialect, sub) => {
      const client = await comeByUrl(dialect, { sub, endsIn: 2 });
      client.send(writeRequest(dialect, 'client_bind', { uid: 'bob' }));
      assert.equal((await client.closed).code, 4003, dialect);
      await assert.rejects(held.node.admin.user('bob', { system: 'shop' }));
    });
  });
});

describe('a new token of a bound connection that will not do', () => {
  for (const dialect of dialectNames) {
    for (const [what, claims, close, words] of [
      ['another user’s token', { sub: 'bob' }, 4500, /another user’s/],
      ['a token for another device', { did: 'other' }, 4500, /another device’s/],
      ['a token of another system', { sys: 'other' }, 4500, /for another system/],
      ['an expired token', { endsIn: -3600 }, 4003, /has expired/],
    ] as const) {
      test(`${dialect}: ${what} ends it with ${close}, and binds nobody else`, async () => {
        const client = await comeByUrl(dialect, {});
        await refresh(client, claims);
        const { code, status, message } = await refusalOf(client);
        assert.deepEqual([status, code], ['401', close]);
        assert.match(message, words);
        const { items } = await held.node.admin.users();
        assert.deepEqual(items, []);
      });
    }
  }
});

describe('auth.connect', () => {
  test('anonymous: nobody needs a token, but a wrong one is refused, and a right one binds an open json client too', async () => {
    await using own = await startTokenNode(['auth.connect=anonymous']);
    const open = await join(own.node, 'json', { system: 'shop' });
    const bound = await join(own.node, 'yunque', { system: 'shop', bind: { uid: 'bob', ...device } });
    assert.deepEqual(await uidsOf(own), [undefined, 'bob']);
    open.send(writeRequest('json', 'client_bind', { token: await own.mint(), ...device }));
    await open.reply('client_bind');
    assert.deepEqual(await uidsOf(own), ['alice', 'bob']);
    const wrong = await connect(own.node, 'json', { url: urlWith(own.node, 'json', { systemId: 'shop', token: 'x' }) });
    assert.equal((await refusalOf(wrong)).code, 4500);
    await Promise.all([open.close(), bound.close()]);
  });

  test('token: every system takes one, the covered and the others', async () => {
    await using own = await startTokenNode(['auth.connect=token']);
    for (const system of ['shop', 'open', 'default']) {
      const client = await connect(own.node, 'json', { system });
      const { code, message } = await refusalOf(client);
      assert.equal(code, 4500);
      assert.match(message, /^this system takes a token; /);
    }
    const url = urlWith(own.node, 'json', { systemId: 'shop', token: await own.mint() });
    const client = await join(own.node, 'json', { url });
    assert.deepEqual(await uidsOf(own), ['alice']);
    await client.close();
  });
});

async function uidsOf({ node }: TokenNode): Promise<(string | undefined)[]> {
  const { items } = await node.admin.connections({ sort: 'connectedAt' });
  return items.map(({ uid }) => uid);
}
