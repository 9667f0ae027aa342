import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { ErrorCode } from '../../src/api/errors.ts';
import { eventually } from '../support/eventually.ts';
import type { TestNode } from '../support/node.ts';
import { refusalOf, startTokenNode, type TokenNode, unsigned, urlWith } from '../support/token-node.ts';
import { connect, type WsClient } from '../support/ws-clients.ts';
import { type DialectName, dialectNames, writeRequest } from '../support/ws-decode.ts';

const tokens = [
  'no token',
  'garbage',
  'a token that somebody else signed',
  'a token without a signature',
  'a token of another system',
  'a token that has expired',
  'a token that is not valid yet',
  'a right token',
  'a right token that names its system',
] as const;
type Token = (typeof tokens)[number];

/** The error of the table, the close code, and what is said; undefined: let in. */
type Outcome = readonly [ErrorCode, close: number, words: RegExp] | undefined;
const asksForOne = /\?token=TOKEN, or bind with it; auth\.tokens says what checks it$/;
const notValid: Outcome = ['unauthorized', 4500, new RegExp(`^the token is not valid; .*${asksForOne.source}`)];
const takesToken: Outcome = ['unauthorized', 4500, new RegExp(`^this system takes a token; .*${asksForOne.source}`)];
const notTrusted: Outcome = [
  'unauthorized',
  4500,
  new RegExp(`^loopback is not trusted here; set auth\\.trustLoopback: true; or .*${asksForOne.source}`),
];

/** Where tokens are taken. */
const withSource: Readonly<Record<Exclude<Token, 'no token'>, Outcome>> = {
  garbage: notValid,
  'a token that somebody else signed': notValid,
  'a token without a signature': notValid,
  'a token of another system': ['unauthorized', 4500, /^the token is for another system; /],
  'a token that has expired': ['token_expired', 4003, /^the token has expired; /],
  'a token that is not valid yet': ['unauthorized', 4500, /^the token is not valid yet; /],
  'a right token': undefined,
  'a right token that names its system': undefined,
};

for (const trustLoopback of [true, false]) {
  describe(trustLoopback ? 'from a trusted peer' : 'from a peer that is not trusted', () => {
    let held: TokenNode;
    let node: TestNode;
    let values: Readonly<Record<Token, string | undefined>>;

    before(async () => {
      held = await startTokenNode([`auth.trustLoopback=${trustLoopback}`]);
      node = held.node;
      const { mint } = held;
      values = {
        'no token': undefined,
        garbage: 'gar.ba.ge',
        'a token that somebody else signed': await mint({}, randomBytes(32)),
        'a token without a signature': unsigned(),
        'a token of another system': await mint({ sys: 'other' }),
        'a token that has expired': await mint({ endsIn: -3600 }),
        'a token that is not valid yet': await mint({ nbf: Math.floor(Date.now() / 1000) + 3600 }),
        'a right token': await mint(),
        'a right token that names its system': await mint({ sys: 'shop' }),
      };
    });
    after(() => held[Symbol.asyncDispose]());

    const refusedCounts = async () => ({ ...(await node.admin.stats()).nodes[0]?.refused });

    async function checkRefused(client: WsClient, outcome: NonNullable<Outcome>, counted: Record<string, number>) {
      const [error, close, words] = outcome;
      const { code, status, message } = await refusalOf(client);
      assert.deepEqual([status, code], ['401', close], message);
      assert.match(message, words);
      assert.deepEqual(
        client.frames.map(({ type }) => type),
        ['reply'],
        'and nothing else was said',
      );
      assert.deepEqual(await refusedCounts(), { ...counted, [error]: (counted[error] ?? 0) + 1 });
      assert.equal((await node.admin.connections()).total, 0);
    }

    /** `uid`: undefined for a connection of nobody. */
    async function checkIn(client: WsClient, uid: string | undefined, system: string, counted: Record<string, number>) {
      await client.next(({ type, body }) => type === 'hello' || body['key'] === 'client_bind', 'a welcome');
      const { items } = await node.admin.connections();
      assert.deepEqual(
        items.map((row) => [row.uid, row.system]),
        [[uid, system]],
      );
      assert.deepEqual(await refusedCounts(), counted);
      await client.close();
      await goneFrom(node);
    }

    for (const dialect of dialectNames) {
      for (const token of tokens) {
        test(`${dialect}: connecting with ${token} to a system that takes tokens`, async () => {
          const counted = await refusedCounts();
          const query = { systemId: 'shop', token: values[token] };
          const client = await connect(node, dialect, { url: urlWith(node, dialect, query) });
          const outcome = token === 'no token' ? takesToken : withSource[token];
          if (token === 'no token' && dialect !== 'json') {
            // The token may come with the bind.
            assert.equal((await node.admin.stats()).nodes[0]?.pending, 1);
            await client.close();
            await goneFrom(node);
          } else if (outcome === undefined) await checkIn(client, 'alice', 'shop', counted);
          else await checkRefused(client, outcome, counted);
        });

        if (dialect === 'json') continue;
        test(`${dialect}: binding with ${token} in a system that takes tokens`, async () => {
          const counted = await refusedCounts();
          const client = await connect(node, dialect, { system: 'shop' });
          client.send(writeRequest(dialect, 'client_bind', { uid: 'alice', token: values[token] ?? '' }));
          const outcome = token === 'no token' ? takesToken : withSource[token];
          if (outcome === undefined) await checkIn(client, 'alice', 'shop', counted);
          else await checkRefused(client, outcome, counted);
        });

        test(`${dialect}: binding with ${token} in a system that takes none`, async () => {
          const counted = await refusedCounts();
          const client = await connect(node, dialect, { system: 'open' });
          client.send(writeRequest(dialect, 'client_bind', { uid: 'alice', token: values[token] ?? '' }));
          const byAddress = trustLoopback ? undefined : notTrusted;
          const outcome = token === 'no token' ? byAddress : notValid;
          if (outcome === undefined) await checkIn(client, 'alice', 'open', counted);
          else await checkRefused(client, outcome, counted);
        });
      }

      test(`${dialect}: a token of somebody else binds nobody, nor does one of another device`, async () => {
        for (const [claims, query] of [
          [{}, { uid: 'bob' }],
          [{ did: 'phone' }, { deviceId: 'tablet' }],
        ] as const) {
          const counted = await refusedCounts();
          const token = await held.mint(claims);
          const client = await bindWith(node, dialect, { token, ...query });
          if (client === undefined) continue;
          await checkRefused(client, ['unauthorized', 4500, /another (user|device)/], counted);
        }
      });

      test(`${dialect}: a token that cannot be checked lets nobody in, and is worth another try`, async () => {
        const counted = await refusedCounts();
        const url = urlWith(node, dialect, { systemId: 'down', token: 'any' });
        const client = await connect(node, dialect, { url });
        const { code, reason } = await client.closed;
        assert.equal(code, 4001);
        assert.match(reason, /^the token cannot be checked right now; /);
        assert.deepEqual(client.frames, [], 'clients of the seeds would never come back after a 401');
        assert.deepEqual(await refusedCounts(), { ...counted, unavailable: (counted['unavailable'] ?? 0) + 1 });
        assert.equal((await node.admin.connections()).total, 0);
      });

      test(`${dialect}: with its token a client needs no systemId, and may not name another`, async () => {
        const token = await held.mint({ sys: 'shop' });
        let counted = await refusedCounts();
        const client = await connect(node, dialect, { url: urlWith(node, dialect, { token }) });
        await checkIn(client, 'alice', 'shop', counted);
        for (const systemId of ['other', 'open', 'default']) {
          counted = await refusedCounts();
          const stranger = await connect(node, dialect, { url: urlWith(node, dialect, { token, systemId }) });
          await checkRefused(
            stranger,
            ['unauthorized', 4500, /^the token is (for another system|not valid); /],
            counted,
          );
        }
      });
    }

    test('json: a system that takes no tokens is open to anybody, and another one’s token opens nothing there', async () => {
      const counted = await refusedCounts();
      await checkIn(await connect(node, 'json', { system: 'open' }), undefined, 'open', counted);
      const url = urlWith(node, 'json', { systemId: 'open', token: values['a right token'] });
      await checkRefused(await connect(node, 'json', { url }), notValid, counted);
    });

    test('no API key, no operator’s key and no header is a token', async () => {
      const { key } = await node.admin.rotateKey({ owner: 'operator', role: 'admin' });
      for (const headers of [{ Authorization: `Bearer ${key}` }, { 'X-API-Key': key }, { Cookie: `token=${key}` }]) {
        const counted = await refusedCounts();
        const client = await connect(node, 'json', { system: 'shop', headers });
        await checkRefused(client, takesToken, counted);
      }
      const counted = await refusedCounts();
      const url = urlWith(node, 'json', { systemId: 'shop', token: key });
      await checkRefused(await connect(node, 'json', { url }), notValid, counted);
    });
  });
}

/** Undefined where the dialect says nothing of a uid in its URL: it has no bind but the token. */
async function bindWith(
  node: TestNode,
  dialect: DialectName,
  { token, ...said }: { readonly token: string; readonly uid?: string; readonly deviceId?: string },
): Promise<WsClient | undefined> {
  if (dialect === 'json') {
    if (said.uid !== undefined) return undefined;
    return await connect(node, dialect, { url: urlWith(node, dialect, { systemId: 'shop', token, ...said }) });
  }
  const client = await connect(node, dialect, { system: 'shop' });
  client.send(writeRequest(dialect, 'client_bind', { uid: 'alice', ...said, token }));
  return client;
}

async function goneFrom({ admin }: TestNode): Promise<void> {
  await eventually('the node has noticed that the client left', async () => {
    const [stats] = (await admin.stats()).nodes;
    return stats?.pending === 0 && stats.connections === 0;
  });
}
