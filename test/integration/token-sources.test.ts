import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Redis } from 'ioredis';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { json, startServer } from '../support/local-server.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { startRedis } from '../support/services/redis.ts';
import { refusalOf, urlWith } from '../support/token-node.ts';
import { connect } from '../support/ws-clients.ts';
import { dialectNames } from '../support/ws-decode.ts';

async function fileWith(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(joinPath(tmpdir(), 'yunque-source-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = joinPath(folder, 'secret');
  await writeFile(file, text, { mode: 0o600 });
  return file;
}

const nodeWith = (source: object) =>
  startTestNode({ set: [`auth.tokens=${JSON.stringify([source])}`, 'systems.list=shop', 'auth.trustLoopback=false'] });

/** The good one binds alice in `shop`, in every dialect; the bad one nobody. */
async function checkTokens(node: TestNode, good: string, bad: string): Promise<void> {
  for (const dialect of dialectNames) {
    const client = await connect(node, dialect, { url: urlWith(node, dialect, { systemId: 'shop', token: good }) });
    await client.next(({ type, body }) => type === 'hello' || body['key'] === 'client_bind', 'a welcome');
    assert.equal((await node.admin.user('alice', { system: 'shop' })).connections, 1, dialect);
    await client.close();
    const refused = await connect(node, dialect, { url: urlWith(node, dialect, { systemId: 'shop', token: bad }) });
    assert.equal((await refusalOf(refused)).code, 4500, dialect);
  }
}

for (const algorithm of ['RS256', 'ES256'] as const) {
  test(`users come in with JWTs of ${algorithm}, checked with a public key, and with those of an issuer's keys (JWKS)`, async (t) => {
    const { publicKey, privateKey } = await generateKeyPair(algorithm);
    const other = await generateKeyPair(algorithm);
    const sign = (key: CryptoKey) =>
      new SignJWT({ sub: 'alice', iss: 'us', exp: Math.floor(Date.now() / 1000) + 600 })
        .setProtectedHeader({ alg: algorithm, kid: 'k1' })
        .sign(key);
    const publicKeyFile = await fileWith(t, await exportSPKI(publicKey));
    const issuer = await startServer(
      t,
      json({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: algorithm }] }),
    );
    for (const source of [
      { type: 'jwt', algorithm, publicKeyFile },
      { type: 'jwks', url: issuer.url, algorithms: [algorithm], issuer: 'us' },
    ]) {
      await using node = await nodeWith(source);
      await checkTokens(node, await sign(privateKey), await sign(other.privateKey));
    }
  });
}

test('users come in with opaque tokens that an HTTP hook knows', async (t) => {
  const hook = await startServer(t, ({ body }, response) => {
    const isGood = JSON.parse(body).token === 'good';
    response.writeHead(isGood ? 200 : 401, { 'content-type': 'application/json' });
    response.end(isGood ? '{"uid":"alice"}' : '{}');
  });
  const secretFile = await fileWith(t, randomBytes(32).toString('base64'));
  await using node = await nodeWith({ type: 'http', url: `${hook.url}check`, secretFile });
  await checkTokens(node, 'good', 'bad');
  assert.deepEqual(new Set(hook.asked.map(({ url }) => url)), new Set(['/check']), 'nothing of a client is in the URL');
});

test('users come in with opaque tokens that are keys of Redis', async (t) => {
  const { url } = await startRedis(t);
  const redis = new Redis(url);
  t.after(() => redis.disconnect());
  await redis.set('yunque:token:good', JSON.stringify({ uid: 'alice', sys: 'shop' }), 'EX', 60);
  await using node = await nodeWith({ type: 'redis', url });
  await checkTokens(node, 'good', 'bad');
});
