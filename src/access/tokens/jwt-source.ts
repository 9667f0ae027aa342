import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { createHs256Proof } from './prove-hs256.ts';
import type { TokenSource } from './source.ts';
import { createJwtCheck, createProvenJwtCheck, type JwtAlgorithm, type JwtRules } from './verify-jwt.ts';

export interface JwtSourceOptions extends Omit<JwtRules, 'algorithms'> {
  readonly name: string;
  readonly systems?: readonly string[] | undefined;
  /** The only one a token may use, whatever its header says. */
  readonly algorithm: JwtAlgorithm;
  readonly key: KeyObject;
  /** Where there is one, a token must name it. */
  readonly kid?: string | undefined;
}

/** JWTs checked with one key of the configuration. */
export async function createJwtSource(options: JwtSourceOptions): Promise<TokenSource> {
  const { name, systems, algorithm, key, kid } = options;
  // Loaded by those who check tokens, and by nobody else.
  const jose = await import('jose');
  const rules = { ...options, algorithms: [algorithm] };
  const check = createJwtCheck(jose, rules, (header) => {
    if (kid !== undefined && header.kid === undefined) throw new Error('the token names no key (kid)');
    if (kid !== undefined && header.kid !== kid) throw new Error('the token names another key (kid)');
    return key;
  });
  const source: TokenSource = { name, systems, isElsewhere: false, check, close: async () => {} };
  if (algorithm !== 'HS256') return source;
  const prove = createHs256Proof(key, (header) => kid === undefined || header.kid === kid);
  return { ...source, checkNow: createProvenJwtCheck(jose, rules, prove) };
}

/** The key of HS256, or of another HMAC-SHA256. Throws an `Error` with words for the operator. */
export function readSecret(secret: string): KeyObject {
  const bytes = Buffer.from(secret);
  if (bytes.length < 32) {
    throw new Error(
      `it has ${bytes.length} bytes, and a secret needs 32 or more (\`openssl rand -base64 32\` makes them)`,
    );
  }
  return createSecretKey(bytes);
}

/** A public key in PEM (SPKI, PKCS #1 or a certificate, whose dates do not count) or as a JWK. Throws as `readSecret` does. */
export function readPublicKey(text: string, algorithm: 'RS256' | 'ES256'): KeyObject {
  const key = parsePublicKey(text.trim());
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  const type = key.asymmetricKeyType;
  if (algorithm === 'ES256') {
    if (type !== 'ec') throw new Error(`it holds a key of type ${type}, and ES256 needs one of type ec`);
    if (namedCurve !== 'prime256v1') throw new Error(`its curve is ${namedCurve}, and ES256 needs P-256 (prime256v1)`);
    return key;
  }
  if (type !== 'rsa') throw new Error(`it holds a key of type ${type}, and RS256 needs one of type rsa`);
  if (modulusLength < 2048) throw new Error(`its key has ${modulusLength} bits, and RS256 needs 2048 or more`);
  return key;
}

function parsePublicKey(text: string): KeyObject {
  if (text.includes('PRIVATE KEY')) throw new Error(isPrivate);
  if (!text.startsWith('{')) {
    try {
      return createPublicKey(text);
    } catch {
      throw new Error('it holds no public key or certificate in PEM');
    }
  }
  let jwk: Record<string, unknown>;
  try {
    jwk = JSON.parse(text) as typeof jwk;
  } catch {
    throw new Error('it begins like a JWK, and is not valid JSON');
  }
  if (jwk['d'] !== undefined || jwk['k'] !== undefined) throw new Error(isPrivate);
  try {
    return createPublicKey({ key: jwk as never, format: 'jwk' });
  } catch {
    throw new Error('it is not a JWK of a public key');
  }
}

const isPrivate = 'it holds a private key, which does not belong here; put the public one there';
