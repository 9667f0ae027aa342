import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it, mock, type TestContext } from 'node:test';
import { createTokens } from '../../../../src/access/tokens/create-tokens.ts';
import { createJwksSource, type JwksSourceOptions } from '../../../../src/access/tokens/jwks-source.ts';
import { type Handler, json, startServer } from '../../../support/local-server.ts';
import { ec, forge, goodClaims, rsa, rules, secret } from './keys.ts';

const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: 'jwk' }), ...more });
const rsaKey = jwk(rsa.publicKey, { kid: 'r1', alg: 'RS256', use: 'sig' });
const ecKey = jwk(ec.publicKey, { kid: 'e1' });
const second = generateKeyPairSync('rsa', { modulusLength: 2048 });

const signed = (kid: string | undefined, key: KeyObject = rsa.privateKey, more: object = {}) => {
  const alg = key.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256';
  return forge({ ...goodClaims(), iss: 'us', ...more }, { key, header: { alg, kid } });
};

async function issuer(t: TestContext, handle: Handler, more: Partial<JwksSourceOptions> = {}) {
  const server = await startServer(t, handle);
  const source = await createJwksSource({
    name: 'jwks',
    url: `${server.url}keys`,
    algorithms: ['RS256', 'ES256'],
    issuer: 'us',
    timeoutMs: 5000,
    ...rules,
    ...more,
  });
  const tokens = createTokens({ sources: [source] });
  t.after(() => tokens.close());
  // Moves forward when the test says so.
  let now = 1e6;
  const clock = mock.method(performance, 'now', () => now);
  t.after(() => clock.mock.restore());
  const pass = (ms: number) => {
    now += ms;
  };
  const code = async (token: string) => {
    const verdict = await tokens.verify(token, 'shop');
    return verdict.valid ? verdict.user.uid : verdict.code;
  };
  return { server, tokens, code, pass };
}

describe('keys of an issuer', () => {
  it('are fetched once, and the one that a token names checks it', async (t) => {
    const { server, code } = await issuer(t, json({ keys: [rsaKey, ecKey] }));
    const all = await Promise.all([signed('r1'), signed('e1', ec.privateKey), signed('r1')].map(code));
    assert.deepEqual(all, ['alice', 'alice', 'alice']);
    assert.deepEqual(
      server.asked.map(({ method, url }) => `${method} ${url}`),
      ['GET /keys'],
    );
  });

  it('check nothing of another issuer, audience, kind or algorithm', async (t) => {
    const { code } = await issuer(t, json({ keys: [rsaKey, ecKey] }), { audience: 'push' });
    const good = signed('r1', rsa.privateKey, { aud: 'push' });
    assert.equal(await code(good), 'alice');
    for (const bad of [
      signed('r1', rsa.privateKey, { aud: 'pull' }),
      signed('r1', rsa.privateKey, { aud: 'push', iss: 'them' }),
      signed('r1', second.privateKey, { aud: 'push' }),
      signed('e1', rsa.privateKey, { aud: 'push' }),
      forge({ ...goodClaims(), iss: 'us', aud: 'push' }, { key: secret, header: { alg: 'HS256', kid: 'r1' } }),
      forge({ ...goodClaims(), iss: 'us', aud: 'push' }, { key: rsa.privateKey, header: { alg: 'none', kid: 'r1' } }),
    ]) {
      assert.equal(await code(bad), 'unauthorized');
    }
  });

  it('are of the algorithms that are configured', async (t) => {
    const { code } = await issuer(t, json({ keys: [rsaKey, ecKey] }), { algorithms: ['ES256'] });
    assert.deepEqual([await code(signed('r1')), await code(signed('e1', ec.privateKey))], ['unauthorized', 'alice']);
  });

  it('are never fetched from where a token says', async (t) => {
    const evil = await startServer(t, json({ keys: [jwk(second.publicKey, { kid: 'r1' })] }));
    const { code } = await issuer(t, json({ keys: [rsaKey] }));
    for (const more of [
      { jku: evil.url },
      { x5u: evil.url },
      { jwk: jwk(second.publicKey) },
      { kid: `${evil.url}#r1` },
    ]) {
      const header = { alg: 'RS256', kid: 'r1', ...more };
      assert.equal(
        await code(forge({ ...goodClaims(), iss: evil.url }, { key: second.privateKey, header })),
        'unauthorized',
      );
      assert.equal(
        await code(forge({ ...goodClaims(), iss: 'us' }, { key: second.privateKey, header })),
        'unauthorized',
      );
    }
    assert.deepEqual(evil.asked, []);
  });

  it('without an id serve a token without one, where there is no other', async (t) => {
    const { server, code, pass } = await issuer(t, json({ keys: [jwk(rsa.publicKey)] }));
    assert.equal(await code(signed(undefined)), 'alice');
    server.handle = json({ keys: [jwk(rsa.publicKey), jwk(second.publicKey)] });
    pass(3_600_000);
    assert.equal(await code(signed(undefined)), 'unauthorized');
  });

  it('that are private or symmetric are no keys', async (t) => {
    const keys = [
      jwk(rsa.privateKey, { kid: 'r1' }),
      { kty: 'oct', kid: 'o1', k: secret.export().toString('base64url') },
    ];
    const { code } = await issuer(t, json({ keys }));
    assert.equal(await code(signed('r1')), 'unauthorized');
    const header = { alg: 'HS256', kid: 'o1' };
    assert.equal(await code(forge({ ...goodClaims(), iss: 'us' }, { key: secret, header })), 'unauthorized');
  });
});

describe('keys are asked for again', () => {
  it('for an id nobody knows, at most once a minute', async (t) => {
    const { server, code, pass } = await issuer(t, json({ keys: [rsaKey] }));
    await code(signed('r1'));
    const inventIds = async () => {
      for (let second = 0; second < 59; second++) {
        pass(1000);
        assert.equal(await code(signed(`made-up-${second}`)), 'unauthorized');
      }
    };
    await inventIds();
    assert.equal(server.asked.length, 1);
    pass(1001);
    server.handle = json({ keys: [rsaKey, jwk(second.publicKey, { kid: 'r2' })] });
    const all = await Promise.all([signed('r2', second.privateKey), signed('made-up'), signed('r1')].map(code));
    assert.deepEqual([all, server.asked.length], [['alice', 'unauthorized', 'alice'], 2]);
    await inventIds();
    assert.equal(server.asked.length, 2);
  });

  it('after ten minutes in the background, so that a key that is gone is forgotten', async (t) => {
    const { server, code, pass } = await issuer(t, json({ keys: [rsaKey] }));
    await code(signed('r1'));
    server.handle = json({ keys: [ecKey] });
    pass(600_001);
    assert.equal(await code(signed('r1')), 'alice');
    while ((await code(signed('r1'))) !== 'unauthorized') await new Promise((resolve) => setTimeout(resolve, 2));
    assert.equal(server.asked.length, 2);
  });

  it('and where that fails the old ones serve for an hour', async (t) => {
    const { server, code, pass } = await issuer(t, json({ keys: [rsaKey] }));
    await code(signed('r1'));
    server.handle = json({}, 500);
    pass(3_599_999);
    assert.equal(await code(signed('r1')), 'alice');
    assert.equal(await code(signed('r2')), 'unavailable', 'nobody can tell what this is');
    pass(60_001);
    assert.equal(await code(signed('r1')), 'unavailable');
    server.handle = json({ keys: [rsaKey] });
    pass(5001);
    assert.equal(await code(signed('r1')), 'alice');
  });
});

describe('an issuer', () => {
  it('that never answers makes tokens unavailable after the timeout', { timeout: 30_000 }, async (t) => {
    const { server, code } = await issuer(t, () => {}, { timeoutMs: 50 });
    assert.equal(await code(signed('r1')), 'unavailable');
    assert.equal(server.asked.length, 1);
  });

  const broken: readonly (readonly [what: string, handle: Handler])[] = [
    ['answers 404', json({ keys: [rsaKey] }, 404)],
    ['redirects', (_, response) => response.writeHead(302, { location: '/keys2' }).end()],
    ['answers with something else', json({ hello: 1 })],
    ['answers with no JSON', (_, response) => response.end('<html>')],
    ['answers with more than 64 KiB', json({ keys: [rsaKey], x: 'x'.repeat(65_536) })],
    ['hangs up', (_, response) => response.destroy()],
  ];
  for (const [what, handle] of broken) {
    it(`that ${what} makes tokens unavailable, and is left alone for a while`, async (t) => {
      const { server, code, pass } = await issuer(t, handle);
      for (let i = 0; i < 5; i++) assert.equal(await code(signed('r1')), 'unavailable');
      assert.equal(server.asked.length, 1);
      server.handle = json({ keys: [rsaKey] });
      pass(5001);
      assert.equal(await code(signed('r1')), 'alice');
    });
  }
});
