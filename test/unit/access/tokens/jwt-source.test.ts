import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { describe, it, mock } from 'node:test';
import { readPublicKey, readSecret } from '../../../../src/access/tokens/jwt-source.ts';
import { ec, forge, goodClaims, jwtTokens, part, rsa, seconds, secret } from './keys.ts';

const notValid = 'the token is not valid';

describe('a JWT', () => {
  it('with a good signature says uid, system, device and end', async () => {
    const tokens = await jwtTokens();
    const exp = seconds(600);
    const verdict = await tokens.verify(forge({ sub: 'alice', sys: 'shop', did: 'phone', exp }), 'shop');
    assert.deepEqual(verdict, {
      valid: true,
      user: { uid: 'alice', system: 'shop', deviceId: 'phone', expiresAt: exp * 1000 },
      source: 'jwt',
    });
  });

  for (const [algorithm, pair] of [
    ['RS256', rsa],
    ['ES256', ec],
  ] as const) {
    it(`signed with ${algorithm} is checked with the public key`, async () => {
      const tokens = await jwtTokens({ algorithm, key: pair.publicKey });
      assert.equal((await tokens.verify(forge(goodClaims(), { key: pair.privateKey }), 'default')).valid, true);
      const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      assert.equal((await tokens.verify(forge(goodClaims(), { key: other.privateKey }), 'default')).valid, false);
    });
  }

  it('names the issuer, audience and key that are asked for', async () => {
    const tokens = await jwtTokens({ issuer: 'us', audience: 'push', kid: 'k1' });
    const header = { alg: 'HS256', kid: 'k1' };
    const good = { ...goodClaims(), iss: 'us', aud: ['other', 'push'] };
    assert.equal((await tokens.verify(forge(good, { header }), 'default')).valid, true);
    for (const [claims, message] of [
      [{ ...good, iss: 'them' }, 'the token is of another issuer'],
      [{ ...good, iss: ['us'] }, 'the token is of another issuer'],
      [{ ...good, iss: undefined }, 'the token has no iss'],
      [{ ...good, aud: 'pusher' }, 'the token is for another audience'],
      [{ ...good, aud: undefined }, 'the token has no aud'],
    ] as const) {
      const verdict = await tokens.verify(forge(claims, { header }), 'default');
      assert.equal(verdict.valid === false && verdict.message, message);
    }
  });
});

describe('a forged JWT is refused with the same words, whatever it tries:', () => {
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const der = rsa.publicKey.export({ type: 'spki', format: 'der' });
  const header = (more: object) => ({ header: { alg: 'HS256', ...more } });
  const unsigned = (alg: string) => `${part({ alg })}.${part(goodClaims())}.`;
  const good = () => forge(goodClaims());
  const evil = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const evilJwk = evil.publicKey.export({ format: 'jwk' });
  const hsJwk = { kty: 'oct', k: part('another secret of thirty-two bytes!!') };
  const otherSecret = createSecretKey(Buffer.from('another secret of thirty-two bytes!!'));

  const longSecret = createSecretKey(Buffer.alloc(64, 'a secret of sixty-four bytes, enough for HS512'));

  const cases: readonly (readonly [what: string, token: () => string, source?: 'RS256'])[] = [
    ['alg none', () => unsigned('none')],
    ['alg None', () => unsigned('None')],
    ['alg nOnE, with an old signature', () => unsigned('nOnE') + (good().split('.')[2] ?? '')],
    ['no alg', () => forge(goodClaims(), { header: {} })],
    ['alg that is no text', () => forge(goodClaims(), { header: { alg: ['HS256'] } })],
    [
      'HS512 with the right secret, where HS256 is asked for',
      () => forge(goodClaims(), { header: { alg: 'HS512' }, hash: 'sha512', key: longSecret }),
    ],
    [
      'RS512 with the right key, where RS256 is asked for',
      () => forge(goodClaims(), { header: { alg: 'RS512' }, hash: 'sha512', key: rsa.privateKey }),
      'RS256',
    ],
    ['an algorithm of the prototype', () => forge(goodClaims(), { header: { alg: '__proto__' } })],
    ['another secret', () => forge(goodClaims(), { key: otherSecret })],
    ['RS256 where HS256 is asked for', () => forge(goodClaims(), { key: evil.privateKey })],
    [
      'the public key in PEM as the secret of HMAC',
      () => forge(goodClaims(), { header: { alg: 'HS256' }, key: createSecretKey(Buffer.from(pem)) }),
      'RS256',
    ],
    [
      'the public key in PEM as the secret of HMAC, said to be RS256',
      () => forge(goodClaims(), { header: { alg: 'RS256' }, key: createSecretKey(Buffer.from(pem)) }),
      'RS256',
    ],
    ['the public key in DER as the secret of HMAC', () => forge(goodClaims(), { key: createSecretKey(der) }), 'RS256'],
    [
      'ES256 where RS256 is asked for',
      () => forge(goodClaims(), { key: ec.privateKey, header: { alg: 'RS256' } }),
      'RS256',
    ],
    [
      'an ECDSA signature of zeros',
      () => `${part({ alg: 'ES256' })}.${part(goodClaims())}.${Buffer.alloc(64).toString('base64url')}`,
    ],
    ['its own key in the header (jwk)', () => forge(goodClaims(), { key: otherSecret, ...header({ jwk: hsJwk }) })],
    [
      'its own key in the header, for RS256',
      () => forge(goodClaims(), { key: evil.privateKey, header: { alg: 'RS256', jwk: evilJwk } }),
      'RS256',
    ],
    [
      'the address of its own keys (jku, x5u)',
      () =>
        forge(goodClaims(), {
          key: otherSecret,
          ...header({ jku: 'http://127.0.0.1:1/', x5u: 'http://127.0.0.1:1/' }),
        }),
    ],
    ['a certificate of its own (x5c)', () => forge(goodClaims(), { key: otherSecret, ...header({ x5c: ['MIIB'] }) })],
    ['an extension it says we must know (crit)', () => forge(goodClaims(), header({ crit: ['exp'], exp: 1 }))],
    ['an unencoded payload (b64)', () => forge(goodClaims(), header({ crit: ['b64'], b64: false }))],
    ['nothing between the dots', () => '..'],
    ['three dots', () => `${good()}.`],
    ['five parts', () => 'a.b.c.d.e'],
    ['two parts', () => good().split('.').slice(0, 2).join('.')],
    ['padding', () => `${good()}==`],
    ['a changed payload', () => good().replace(/\.[^.]+\./, `.${part({ ...goodClaims(), sub: 'root' })}.`)],
    ['a header that is no JSON', () => forge(goodClaims(), { header: 'no' })],
    ['claims that are a list', () => forge([goodClaims()])],
    ['claims that are no JSON', () => forge('{"sub":')],
    ['claims that are null', () => forge('null')],
    ['letters outside ASCII', () => `${good().slice(0, -1)}é`],
    ['a line break', () => `${good()}\n`],
    ['more than 8 KiB, with a good signature', () => forge({ ...goodClaims(), more: 'x'.repeat(8192) })],
    ['nothing at all', () => ''],
  ];
  for (const [what, token, algorithm = 'HS256'] of cases) {
    it(what, async () => {
      const hmacKey = what.startsWith('HS512') ? longSecret : secret;
      const tokens = await jwtTokens({ algorithm, key: algorithm === 'RS256' ? rsa.publicKey : hmacKey });
      const made = token();
      const verdict = await tokens.verify(made, undefined);
      assert.ok(!verdict.valid);
      assert.deepEqual([verdict.code, verdict.message], ['unauthorized', notValid]);
      if (made.length > 3) assert.ok(!JSON.stringify(verdict).includes(made), 'the token is not repeated');
    });
  }

  for (const kid of ['../../../../dev/null', "' OR 1=1 --", '/etc/passwd', 'k1\0', '__proto__', 'K1', '', 1, null]) {
    it(`kid ${JSON.stringify(kid)}`, async () => {
      const tokens = await jwtTokens({ kid: 'k1' });
      const verdict = await tokens.verify(forge(goodClaims(), header({ kid })), undefined);
      assert.equal(!verdict.valid && verdict.message, notValid);
    });
  }

  it('no kid where one is asked for', async () => {
    const verdict = await (await jwtTokens({ kid: 'k1' })).verify(good(), undefined);
    assert.ok(!verdict.valid);
    assert.deepEqual([verdict.message, verdict.detail], [notValid, 'the token names no key (kid)']);
  });
});

describe('the claims of a JWT', () => {
  const refused: readonly (readonly [claims: object | string, message: string])[] = [
    [{ exp: 9e9 }, 'the token has no sub'],
    [{ sub: 'alice' }, 'the token has no exp'],
    [{ sub: 'alice', exp: String(9e9) }, "the token's exp is not a number"],
    [{ sub: 'alice', exp: null }, "the token's exp is not a number"],
    ['{"sub":"alice","exp":1e400}', "the token's exp is no time"],
    [{ sub: 'alice', exp: 1e300 }, "the token's exp is no time"],
    [{ sub: 'alice', exp: 9e9, nbf: '1' }, "the token's nbf is not a number"],
    [{ sub: 'alice', exp: 9e9, iat: '1' }, "the token's iat is not a number"],
    [{ sub: 7, exp: 9e9 }, "the token's sub is not text"],
    [{ sub: null, exp: 9e9 }, "the token's sub is not text"],
    [{ sub: ['alice'], exp: 9e9 }, "the token's sub is not text"],
    [{ sub: '', exp: 9e9 }, "the token's sub is empty"],
    [{ sub: 'é'.repeat(129), exp: 9e9 }, "the token's sub is longer than 256 bytes"],
    [{ sub: 'al\nice', exp: 9e9 }, "the token's sub has a control character"],
    ['{"sub":"\\ud800","exp":9e9}', "the token's sub has half a surrogate pair"],
    [{ sub: 'alice', sys: 1, exp: 9e9 }, "the token's sys is not text"],
    [{ sub: 'alice', sys: '', exp: 9e9 }, "the token's sys is empty"],
    [{ sub: 'alice', did: null, exp: 9e9 }, "the token's did is not text"],
  ];
  for (const [claims, message] of refused) {
    it(`${typeof claims === 'string' ? claims : JSON.stringify(claims).slice(0, 60)}: ${message}`, async () => {
      const verdict = await (await jwtTokens()).verify(forge(claims), undefined);
      assert.deepEqual([!verdict.valid && verdict.code, !verdict.valid && verdict.message], ['unauthorized', message]);
    });
  }

  it('may hold any text: uids of 256 bytes, __proto__ and words of every script', async () => {
    for (const uid of ['é'.repeat(128), '__proto__', '云雀 🐦', 'a:b', '$x']) {
      const verdict = await (await jwtTokens()).verify(forge({ sub: uid, exp: 9e9 }), undefined);
      assert.equal(verdict.valid && verdict.user.uid, uid);
    }
  });

  it('said twice count as said last, as RFC 7519 has it', async () => {
    const token = forge('{"sub":"alice","sub":"bob","exp":1,"exp":9000000000}');
    const verdict = await (await jwtTokens()).verify(token, undefined);
    assert.equal(verdict.valid && verdict.user.uid, 'bob');
  });

  it('are never told from a token that is not genuine', async () => {
    const tokens = await jwtTokens();
    const key = createSecretKey(Buffer.from('another secret of thirty-two bytes!!'));
    const texts = await Promise.all(
      [{ exp: 1, sub: 'alice' }, { sub: 7 }, { sub: 'alice', sys: 'shop', exp: 9e9 }].map(async (claims) =>
        JSON.stringify(await tokens.verify(forge(claims, { key }), 'default')),
      ),
    );
    assert.equal(new Set(texts).size, 1);
  });
});

describe('time', () => {
  const at = async (claims: object, ms: number) => {
    mock.timers.enable({ apis: ['Date'], now: ms });
    try {
      return await (await jwtTokens()).verify(forge({ sub: 'alice', ...claims }), undefined);
    } finally {
      mock.timers.reset();
    }
  };
  const second = 1_800_000_000;

  it('a token is good until its end and 30 s more, for clocks differ', async () => {
    const before = await at({ exp: second }, second * 1000 - 1);
    assert.equal(before.valid && before.user.expiresAt, second * 1000);
    const within = await at({ exp: second }, second * 1000 + 29_999);
    assert.equal(within.valid && within.user.expiresAt, second * 1000 + 30_000, 'the end it gets is still to come');
    const after = await at({ exp: second }, second * 1000 + 30_000);
    assert.deepEqual(after, { valid: false, code: 'token_expired', message: 'the token has expired' });
  });

  it('a token is good from its beginning, and from 30 s before', async () => {
    assert.equal((await at({ exp: 9e9, nbf: second + 30 }, second * 1000)).valid, true);
    const early = await at({ exp: 9e9, nbf: second + 31 }, second * 1000);
    assert.equal(!early.valid && early.message, 'the token is not valid yet');
  });

  it('a token of the future is refused', async () => {
    assert.equal((await at({ exp: 9e9, iat: second + 30 }, second * 1000)).valid, true);
    const future = await at({ exp: 9e9, iat: second + 31 }, second * 1000);
    assert.equal(!future.valid && future.message, 'the token is from the future');
  });
});

describe('the key of a configuration', () => {
  const pem = (key: typeof rsa.publicKey) => key.export({ type: 'spki', format: 'pem' }) as string;

  it('is read from PEM of several kinds, and from a JWK', () => {
    for (const text of [
      pem(rsa.publicKey),
      rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }) as string,
      JSON.stringify(rsa.publicKey.export({ format: 'jwk' })),
    ]) {
      assert.ok(readPublicKey(text, 'RS256').equals(rsa.publicKey));
    }
    assert.ok(readPublicKey(JSON.stringify(ec.publicKey.export({ format: 'jwk' })), 'ES256').equals(ec.publicKey));
  });

  it('that cannot serve is refused in words, and never repeated', () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const privatePem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    for (const [text, algorithm, expected] of [
      [pem(ec.publicKey), 'RS256', /type ec, and RS256 needs one of type rsa/],
      [pem(rsa.publicKey), 'ES256', /type rsa, and ES256 needs one of type ec/],
      [pem(p384.publicKey), 'ES256', /secp384r1, and ES256 needs P-256/],
      [pem(small.publicKey), 'RS256', /1024 bits, and RS256 needs 2048/],
      [privatePem, 'RS256', /private key, which does not belong here/],
      [JSON.stringify(rsa.privateKey.export({ format: 'jwk' })), 'RS256', /private key/],
      ['{"kty":"oct","k":"AAAA"}', 'RS256', /private key/],
      ['{"kty":', 'RS256', /not valid JSON/],
      ['{"kty":"RSA"}', 'RS256', /not a JWK of a public key/],
      ['hello', 'RS256', /no public key or certificate in PEM/],
      ['', 'ES256', /no public key/],
    ] as const) {
      assert.throws(() => readPublicKey(text, algorithm), expected);
    }
    assert.throws(() => readSecret('x'.repeat(31)), /31 bytes, and a secret needs 32/);
    assert.equal(readSecret('é'.repeat(16)).symmetricKeySize, 32);
  });
});
