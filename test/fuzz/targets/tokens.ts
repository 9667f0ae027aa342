import assert from 'node:assert/strict';
import { createHmac, createSecretKey } from 'node:crypto';
import { createTokens } from '../../../src/access/tokens/create-tokens.ts';
import { createJwtSource } from '../../../src/access/tokens/jwt-source.ts';
import { mutate } from '../mutate.ts';
import type { Target } from '../target.ts';

const secret = createSecretKey(Buffer.alloc(32, 'fuzz'));
const header = '{"alg":"HS256","typ":"JWT","kid":"k1"}';
const claims = [
  '{"sub":"alice","sys":"shop","did":"d1","iat":1,"nbf":1,"exp":9000000000}',
  '{"sub":"云雀","aud":["push"],"iss":"us","exp":9e9}',
];
const pieces = ['"', '{', '}', ',', ':', 'null', '1e400', '-1', '"exp"', '"__proto__"', '\\u0000', '\\ud800', '.'].map(
  (text) => Buffer.from(text),
);

function sign(headerBytes: Uint8Array | string, claimBytes: Uint8Array | string): string {
  const signed = [headerBytes, claimBytes].map((each) => Buffer.from(each).toString('base64url')).join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const good = claims.map((text) => Buffer.from(sign(header, text)));

/**
 * Tokens as strangers send them: good ones changed without the secret, and, as the issuer's own faults would be, changed
 * headers and claims under a good signature.
 */
export const tokenTarget: Target = {
  name: 'tokens',
  count: 100_000,
  concurrency: 8,
  maxGrowthBytes: 16 * 1024 * 1024,
  generate(random) {
    const kind = random();
    if (kind < 0.4) return Buffer.concat([Buffer.from('?'), mutate(random, good, pieces)]);
    const texts = claims.map((text) => Buffer.from(text));
    const token =
      kind < 0.8
        ? sign(header, mutate(random, texts, pieces))
        : sign(mutate(random, [Buffer.from(header)], pieces), String(claims[0]));
    return Buffer.from(`!${token}`);
  },
  async open() {
    const rules = { clockSkewMs: 30_000, idBytes: 256 };
    const tokens = createTokens({
      sources: [await createJwtSource({ name: 'jwt', algorithm: 'HS256', key: secret, ...rules })],
    });
    return {
      async run(input) {
        const text = input.toString();
        const token = text.slice(1);
        const verdict = await tokens.verify(token, undefined);
        if (!verdict.valid) {
          assert.ok(
            verdict.code === 'unauthorized' || verdict.code === 'token_expired',
            verdict.detail ?? verdict.message,
          );
          assert.ok(token.length < 8 || !verdict.message.includes(token), 'the token is repeated');
          return;
        }
        const { uid, system, expiresAt = 0 } = verdict.user;
        assert.ok(uid !== '' && Buffer.byteLength(uid) <= 256 && !/\p{Cc}/u.test(uid) && uid.isWellFormed());
        assert.ok(system !== '' && expiresAt > Date.now());
        // Without the secret nobody becomes somebody else.
        if (text.startsWith('?')) assert.ok(uid === 'alice' || uid === '云雀', `forged: ${uid}`);
      },
      close: () => tokens.close(),
    };
  },
};
