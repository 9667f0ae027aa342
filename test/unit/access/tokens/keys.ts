import { createHmac, createSecretKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createTokens } from '../../../../src/access/tokens/create-tokens.ts';
import { createJwtSource, type JwtSourceOptions } from '../../../../src/access/tokens/jwt-source.ts';
import type { Tokens } from '../../../../src/access/tokens/tokens.ts';

export const secret = createSecretKey(Buffer.from('a secret of thirty-two bytes and more'));
export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

export const rules = { clockSkewMs: 30_000, idBytes: 256 };

/** Seconds since the epoch, `offset` from now. */
export const seconds = (offset = 0) => Math.floor(Date.now() / 1000) + offset;

export const goodClaims = () => ({ sub: 'alice', exp: seconds(600) });

export const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/**
 * A JWT made by hand and not by the library that is tested. `header` and `claims` may be texts, to be as wrong as a test
 * wants; `key` decides how it is signed.
 */
export function forge(claims: unknown, options: { header?: unknown; key?: KeyObject; hash?: string } = {}): string {
  const { key = secret, hash = 'sha256' } = options;
  const alg = key.type === 'secret' ? 'HS256' : key.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256';
  const signed = `${part(options.header ?? { alg })}.${part(claims)}`;
  const signature =
    key.type === 'secret'
      ? createHmac(hash, key).update(signed).digest()
      : sign(hash, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** One JWT source, HS256 with `secret` unless told otherwise. */
export async function jwtTokens(options: Partial<JwtSourceOptions> = {}): Promise<Tokens> {
  const source = await createJwtSource({ name: 'jwt', algorithm: 'HS256', key: secret, ...rules, ...options });
  return createTokens({ sources: [source] });
}
