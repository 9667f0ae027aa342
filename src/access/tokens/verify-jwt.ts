import { isAscii } from 'node:buffer';
import type * as Jose from 'jose';
import { type ClaimRules, expired, readClaims } from './read-claims.ts';
import { refuse, refuseGenuine, type TokenClaims, unavailable } from './source.ts';
import type { TokenRefusal } from './tokens.ts';

export type JwtAlgorithm = 'HS256' | 'RS256' | 'ES256';

/** `algorithms`: those a token's header may name; the key is looked for only then. */
export interface JwtRules extends ClaimRules {
  readonly algorithms: readonly JwtAlgorithm[];
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
}

/** Thrown by a `KeyOf` that could not ask for keys. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** The key for a token of an algorithm that is allowed; throws where there is none. Nothing of the header is proven yet. */
export type KeyOf = Jose.JWTVerifyGetKey;

const names = { uid: 'sub', system: 'sys', deviceId: 'did', expiresAt: 'exp' } as const;

/**
 * A JWT (RFC 7519) in compact form: its signature first, and its claims only then. `exp` and `sub` are required. Of the
 * header nothing is used but `alg`, `kid` and `crit`: no key is taken from it and no URL in it is asked.
 */
export function createJwtCheck(
  jose: typeof Jose,
  rules: JwtRules,
  keyOf: KeyOf,
): (token: string) => Promise<TokenClaims | TokenRefusal> {
  const options = { ...claimOptions(rules), algorithms: [...rules.algorithms] };
  return async (token) => {
    try {
      const { payload } = await jose.jwtVerify(token, keyOf, options);
      return readPayload(payload, rules);
    } catch (error) {
      return refusalFor(error, jose, rules);
    }
  };
}

/** `{"alg":"none"}`: before a payload that is proven already, it makes a token whose claims the library judges by the same rules. */
const unsecured = Buffer.from('{"alg":"none"}').toString('base64url');

/**
 * The same for those that `prove` answers a payload for, base64url, in the same turn of the loop; undefined for the others.
 */
export function createProvenJwtCheck(
  jose: typeof Jose,
  rules: JwtRules,
  prove: (token: string) => string | undefined,
): (token: string) => TokenClaims | TokenRefusal | undefined {
  const options = claimOptions(rules);
  return (token) => {
    const proven = prove(token);
    if (proven === undefined) return undefined;
    const plain = plainPayload(proven, rules);
    if (plain !== undefined) return readPayload(plain, rules);
    try {
      return readPayload(jose.UnsecuredJWT.decode(`${unsecured}.${proven}.`, options).payload, rules);
    } catch (error) {
      return refusalFor(error, jose, rules);
    }
  };
}

/**
 * The claims of a payload that the library would have nothing against, read without it, as most of those who connect bring one; undefined for all
 * others, about which it has the word.
 */
function plainPayload(encoded: string, rules: JwtRules): Jose.JWTPayload | undefined {
  const bytes = Buffer.from(encoded, 'base64url');
  // Whatever is not of the alphabet is left out there.
  if (bytes.length !== Math.floor((encoded.length * 3) / 4) || !isAscii(bytes)) return undefined;
  let payload: Jose.JWTPayload | null;
  try {
    payload = JSON.parse(bytes.toString('latin1'));
  } catch {
    return undefined;
  }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return undefined;
  const { iss, aud, sub, exp, nbf, iat } = payload;
  if (typeof sub !== 'string' || typeof exp !== 'number' || nbf !== undefined) return undefined;
  if (iat !== undefined && typeof iat !== 'number') return undefined;
  if (
    (rules.issuer !== undefined && iss !== rules.issuer) ||
    (rules.audience !== undefined && aud !== rules.audience)
  ) {
    return undefined;
  }
  return exp > Date.now() / 1000 ? payload : undefined;
}

function claimOptions({ issuer, audience, clockSkewMs }: JwtRules): Jose.JWTClaimVerificationOptions {
  return {
    requiredClaims: ['exp', 'sub'],
    clockTolerance: Math.floor(clockSkewMs / 1000),
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  };
}

function readPayload(payload: Jose.JWTPayload, rules: JwtRules): TokenClaims | TokenRefusal {
  const { sub, exp = Number.NaN, iat } = payload;
  if (iat !== undefined && iat * 1000 > Date.now() + rules.clockSkewMs) {
    return refuseGenuine('the token is from the future', `iat is ${iat}; compare the clocks, or raise auth.clockSkew`);
  }
  const raw = { uid: sub, system: payload['sys'], deviceId: payload['did'], expiresAt: exp * 1000 };
  return readClaims(raw, names, rules);
}

function refusalFor(error: unknown, jose: typeof Jose, rules: JwtRules): TokenRefusal {
  if (error instanceof KeysUnavailable) return unavailable(error.message);
  if (error instanceof jose.errors.JWTExpired) return expired;
  if (error instanceof jose.errors.JWTClaimValidationFailed) return refuseClaim(error, rules);
  return refuse(error instanceof Error ? error.message : String(error));
}

function refuseClaim({ claim, reason, payload }: Jose.errors.JWTClaimValidationFailed, rules: JwtRules): TokenRefusal {
  const found = JSON.stringify(payload[claim])?.slice(0, 100);
  if (reason === 'missing') return refuseGenuine(`the token has no ${claim}`);
  switch (claim) {
    case 'iss':
      return refuseGenuine('the token is of another issuer', `iss is ${found}, expected "${rules.issuer}"`);
    case 'aud':
      return refuseGenuine('the token is for another audience', `aud is ${found}, expected "${rules.audience}"`);
    case 'nbf':
      if (reason === 'check_failed') return refuseGenuine('the token is not valid yet', `nbf is ${found}`);
      break;
  }
  return refuseGenuine(`the token's ${claim} is not a number`, `${claim} is ${found}`);
}
